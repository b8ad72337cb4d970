@group(0) @binding(0) var x: texture_2d<f32>;

// components 4k … 4k + 3 of a row
fn row_part(row: u32, k: u32) -> vec4<f32> { return textureLoad(x, vec2<u32>(k, row), 0); }
