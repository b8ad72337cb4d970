// dense_input_gradient: ∂y[n,k] = Σ_o ∂z[n,o] · w[k,o].
//   ∂z [samples, OUT4, 4], bound from the sample that belongs to ∂y's sample `first` on;  w [4·K4, 4·OUT4];  ∂y [N, K4, 4]
//
// K4: inputs / 4;  OUT4: outputs / 4
// One thread computes TN samples by 4·TK of k; each sum runs over o in four interleaved parts, added at the end.

#include "gradient"
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> dy: array<vec4<f32>>;

struct Params {
  K4: u32,
  OUT4: u32,
  first: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let K4 = params.K4;
  let OUT4 = params.OUT4;
  let k = id.x % (K4 / TK) * TK;
  let n = id.x / (K4 / TK) * TN;
  var sum: array<vec4<f32>, 4u * TK * TN>;
  // @unroll
  for (var s = 0u; s < 4 * TK * TN; s++) {
    sum[s] = vec4<f32>(0.0);
  }
  for (var o = 0u; o < OUT4; o++) {
    var ws: array<vec4<f32>, 4u * TK>;
    // @unroll
    for (var t = 0u; t < 4 * TK; t++) {
      ws[t] = w[(k * 4u + t) * OUT4 + o];
    }
    // @unroll
    for (var i = 0u; i < TN; i++) {
      let d = dz[(n + i) * OUT4 + o];
      // @unroll
      for (var t = 0u; t < 4 * TK; t++) {
        sum[i * (4u * TK) + t] = fma(d, ws[t], sum[i * (4u * TK) + t]);
      }
    }
  }
  let one = vec4<f32>(1.0);
  // @unroll
  for (var i = 0u; i < TN; i++) {
    // @unroll
    for (var q = 0u; q < TK; q++) {
      let s = (i * TK + q) * 4u;
      dy[(params.first + n + i) * K4 + k + q] =
        vec4<f32>(dot(sum[s], one), dot(sum[s + 1u], one), dot(sum[s + 2u], one), dot(sum[s + 3u], one));
    }
  }
}
