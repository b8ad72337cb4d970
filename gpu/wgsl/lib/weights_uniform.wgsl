// The window that a uniform binding may have.
@group(0) @binding(1) var<uniform> w: array<vec4<f32>, 4096>;
