// batch_norm_sums: per channel, mean over the batch of ∂ẑ and of ∂ẑ·ẑ, with ẑ = (z − mean)·inverse_deviation.
//   z, ∂ẑ [ALL, C4, 4];  statistics [2, C4, 4];  sums [2, C4, 4]
//
// A workgroup has four channels, and each of its threads sums 64 samples; these parts are added in order.

#include "sum_of_parts"

@group(0) @binding(0) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> dz: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> statistics: array<vec4<f32>, 2u * C4>;
@group(0) @binding(3) var<storage, read_write> sums: array<vec4<f32>, 2u * C4>;

struct Params {
  count: u32,
}
@group(0) @binding(4) var<uniform> params: Params;

var<workgroup> parts: array<vec4<f32>, GROUP>;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let c = id.x;
  let all = params.count;
  var plain = vec4<f32>(0.0);
  var product = vec4<f32>(0.0);
  for (var first = 0u; first < all; first += PART * GROUP) {
    let begin = first + thread * PART;
    var plain_part = vec4<f32>(0.0);
    var product_part = vec4<f32>(0.0);
    for (var n = begin; n < min(begin + PART, all); n++) {
      let d = dz[n * C4 + c];
      plain_part += d;
      product_part = fma(d, (z[n * C4 + c] - statistics[c]) * statistics[C4 + c], product_part);
    }
    plain = with_parts(plain, plain_part, thread, all - first);
    product = with_parts(product, product_part, thread, all - first);
  }
  if (thread == 0u) {
    sums[c] = plain / f32(all);
    sums[C4 + c] = product / f32(all);
  }
}
