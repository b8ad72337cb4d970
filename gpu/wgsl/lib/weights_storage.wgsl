@group(0) @binding(1) var<storage, read> w: array<vec4<f32>, C4 * 9u * 4u * K4>;
