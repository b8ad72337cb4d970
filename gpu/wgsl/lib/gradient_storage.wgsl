@group(0) @binding(0) var<storage, read> dz: array<vec4<f32>>;
