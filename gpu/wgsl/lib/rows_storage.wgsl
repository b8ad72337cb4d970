@group(0) @binding(0) var<storage, read> x: array<vec4<f32>, ROWS * K4>;

// components 4k … 4k + 3 of a row
fn row_part(row: u32, k: u32) -> vec4<f32> { return x[row * K4 + k]; }
