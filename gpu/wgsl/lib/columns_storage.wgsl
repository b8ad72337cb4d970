@group(0) @binding(1) var<storage, read> y: array<vec4<f32>, COLUMNS * K4>;
