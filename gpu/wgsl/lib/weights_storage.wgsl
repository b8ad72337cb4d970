@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
