// tanh_descriptor: e = tanh(z + bias)
//   z [ALL, C4, 4];  bias [C4, 4];  e [BLOCKS, 4·C4, 32], blocks of 32 samples
//
// One thread owns one sample.

#include "tanh"

@group(0) @binding(0) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> bias: array<vec4<f32>, C4>;
@group(0) @binding(2) var<storage, read_write> e: array<f32>;

struct Params {
  ALL: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x;
  if (n < params.ALL) {
    for (var c = 0u; c < C4; c++) {
      let v = tanh4(z[n * C4 + c] + bias[c]);
      let at = (n / 32u * C4 + c) * 128u + n % 32u;
      e[at] = v.x;
      e[at + 32u] = v.y;
      e[at + 64u] = v.z;
      e[at + 96u] = v.w;
    }
  }
}
