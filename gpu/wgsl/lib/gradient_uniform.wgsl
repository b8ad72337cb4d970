// The window that a uniform binding may have.
@group(0) @binding(0) var<uniform> dz: array<vec4<f32>, 4096>;
