// batch_norm_backward: ∂z = inverse_deviation · (∂ẑ − mean(∂ẑ) − ẑ·mean(∂ẑ·ẑ)), in place over ∂ẑ.
//   z, ∂z [ALL, C4, 4];  statistics [2, C4, 4];  sums [2, C4, 4] of batch_norm_sums
//
// One thread owns four channels of one sample. Rows from `count` on, which pad the batch, stay zero.

@group(0) @binding(0) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> statistics: array<vec4<f32>, 2u * C4>;
@group(0) @binding(2) var<storage, read> sums: array<vec4<f32>, 2u * C4>;
@group(0) @binding(3) var<storage, read_write> dz: array<vec4<f32>>;

struct Params {
  count: u32,
}
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x / C4;
  let c = id.x % C4;
  if (n < params.count) {
    let standardized = (z[id.x] - statistics[c]) * statistics[C4 + c];
    dz[id.x] = statistics[C4 + c] * (dz[id.x] - sums[c] - standardized * sums[C4 + c]);
  }
}
