// dense_weight_gradient: ∂w[k,o] ← ∂w[k,o] + Σ_n y[n,k] · ∂z[n,o], samples in order.
//   y [N, K4, 4];  ∂z [ALL, OUT4, 4], read from sample `first_sample` on;  ∂w [4·K4, 4·OUT4]
//
// One thread owns 4·TK of k by 4·TO of o.

#include "activation"

@group(0) @binding(0) var<storage, read> y: array<Activation>;
@group(0) @binding(1) var<storage, read> dz: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> dw: array<vec4<f32>>;

struct Params {
  K4: u32,
  OUT4: u32,
  first_sample: u32,
  count: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let K4 = params.K4;
  let OUT4 = params.OUT4;
  let o = id.x % (OUT4 / TO) * TO;
  let k = id.x / (OUT4 / TO) * TK;
  var sum: array<vec4<f32>, 4u * TK * TO>;
  // @unroll
  for (var t = 0u; t < 4 * TK; t++) {
    // @unroll
    for (var q = 0u; q < TO; q++) {
      sum[t * TO + q] = dw[(k * 4u + t) * OUT4 + o + q];
    }
  }
  for (var n = 0u; n < params.count; n++) {
    var d: array<vec4<f32>, TO>;
    // @unroll
    for (var q = 0u; q < TO; q++) {
      d[q] = dz[(params.first_sample + n) * OUT4 + o + q];
    }
    // @unroll
    for (var t = 0u; t < TK; t++) {
      let v = load_activation(y[n * K4 + k + t]);
      // @unroll
      for (var q = 0u; q < TO; q++) {
        sum[(t * 4u) * TO + q] = fma(vec4<f32>(v.x), d[q], sum[(t * 4u) * TO + q]);
        sum[(t * 4u + 1u) * TO + q] = fma(vec4<f32>(v.y), d[q], sum[(t * 4u + 1u) * TO + q]);
        sum[(t * 4u + 2u) * TO + q] = fma(vec4<f32>(v.z), d[q], sum[(t * 4u + 2u) * TO + q]);
        sum[(t * 4u + 3u) * TO + q] = fma(vec4<f32>(v.w), d[q], sum[(t * 4u + 3u) * TO + q]);
      }
    }
  }
  // @unroll
  for (var t = 0u; t < 4 * TK; t++) {
    // @unroll
    for (var q = 0u; q < TO; q++) {
      dw[(k * 4u + t) * OUT4 + o + q] = sum[t * TO + q];
    }
  }
}
