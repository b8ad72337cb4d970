// dense: z[n,o] = Σ_k y[n,k] · w[k,o], the 8×8 convolution without padding as a matrix product.
//   y [N, K4, 4];  w [4·K4, 4·OUT4];  z [ALL, OUT4, 4], written from sample `first_sample` on
//
// K4: inputs / 4;  OUT4: outputs / 4;  ALL: samples of the whole batch
// One thread computes TN samples by 4·TO outputs; its sums run over k.

#include "activation"

@group(0) @binding(0) var<storage, read> y: array<Activation>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> z: array<vec4<f32>>;

struct Params {
  K4: u32,
  OUT4: u32,
  first_sample: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let K4 = params.K4;
  let OUT4 = params.OUT4;
  let o = id.x % (OUT4 / TO) * TO;
  let n = id.x / (OUT4 / TO) * TN;
  var sum: array<vec4<f32>, TN * TO>;
  // @unroll
  for (var s = 0u; s < TN * TO; s++) {
    sum[s] = vec4<f32>(0.0);
  }
  for (var k = 0u; k < K4; k++) {
    var ws: array<vec4<f32>, 4u * TO>;
    // @unroll
    for (var t = 0u; t < 4; t++) {
      // @unroll
      for (var q = 0u; q < TO; q++) {
        ws[t * TO + q] = w[(k * 4u + t) * OUT4 + o + q];
      }
    }
    // @unroll
    for (var i = 0u; i < TN; i++) {
      let v = load_activation(y[(n + i) * K4 + k]);
      // @unroll
      for (var q = 0u; q < TO; q++) {
        var s = sum[i * TO + q];
        s = fma(vec4<f32>(v.x), ws[q], s);
        s = fma(vec4<f32>(v.y), ws[TO + q], s);
        s = fma(vec4<f32>(v.z), ws[2u * TO + q], s);
        s = fma(vec4<f32>(v.w), ws[3u * TO + q], s);
        sum[i * TO + q] = s;
      }
    }
  }
  // @unroll
  for (var i = 0u; i < TN; i++) {
    // @unroll
    for (var q = 0u; q < TO; q++) {
      z[(params.first_sample + n + i) * OUT4 + o + q] = sum[i * TO + q];
    }
  }
}
