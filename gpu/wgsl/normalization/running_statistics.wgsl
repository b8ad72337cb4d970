// running_statistics: what inference normalises with: statistics = (running mean, 1/√(running variance + ε)).
//   running [2, C4, 4];  statistics [2, C4, 4]

@group(0) @binding(0) var<storage, read> running: array<vec4<f32>, 2u * C4>;
@group(0) @binding(1) var<storage, read_write> statistics: array<vec4<f32>, 2u * C4>;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let c = id.x;
  if (c < C4) {
    statistics[c] = running[c];
    statistics[C4 + c] = 1.0 / sqrt(running[C4 + c] + EPSILON);
  }
}
