// batch_norm_sums: per channel, mean over the batch of ∂ẑ and of ∂ẑ·ẑ, with ẑ = (z − mean)·inverse_deviation.
//   z, ∂ẑ [ALL, C4, 4];  statistics [2, C4, 4];  sums [2, C4, 4]
//
// One thread owns four channels.

@group(0) @binding(0) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> dz: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> statistics: array<vec4<f32>, 2u * C4>;
@group(0) @binding(3) var<storage, read_write> sums: array<vec4<f32>, 2u * C4>;

struct Params {
  count: u32,
}
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let c = id.x;
  if (c < C4) {
    var plain = vec4<f32>(0.0);
    var product = vec4<f32>(0.0);
    for (var first = 0u; first < params.count; first += 64u) {
      var plain_part = vec4<f32>(0.0);
      var product_part = vec4<f32>(0.0);
      for (var n = first; n < min(first + 64u, params.count); n++) {
        let d = dz[n * C4 + c];
        plain_part += d;
        product_part = fma(d, (z[n * C4 + c] - statistics[c]) * statistics[C4 + c], product_part);
      }
      plain += plain_part;
      product += product_part;
    }
    sums[c] = plain / f32(params.count);
    sums[C4 + c] = product / f32(params.count);
  }
}
