// frn_tlu_backward: the gradient of frn_tlu. With z = γ·u + β, passed = z > τ, ∂z = passed·∂y, r = the kept rsqrt:
//   ∂x = r · (γ·∂z − u · mean_{h,w}(γ·∂z·u));  ∂γ = Σ ∂z·u;  ∂β = Σ ∂z;  ∂τ = Σ (1 − passed)·∂y
//   x, ∂y [N, C4, H, W, 4];  ∂x [N, C4, H+2, W+2, 4] (the border is left alone, and stands at zero)
//   partial [N, 4, C4, 4]: one sample's share of ∂γ, ∂β, ∂τ and of the convolution's bias gradient Σ ∂x
//
// One thread owns one sample and four channels. With DROPOUT ∂y is multiplied by keep / (1 − rate) first.

#include "activation"
#include "random"
#include "dropout"

@group(0) @binding(0) var<storage, read> x: array<Activation>;
@group(0) @binding(1) var<storage, read> gamma: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> beta: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> tau: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> scale: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> dx: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> partial: array<vec4<f32>>;

struct Params {
  C4: u32,
  H: u32,
  W: u32,
  stream_a: u32,
  stream_b: u32,
  stream_c: u32,
  first_sample: u32,
  rate: f32,
}
@group(0) @binding(8) var<uniform> params: Params;

// The gradient at element `at` of the micro-batch, which is element `place` of the whole batch.
fn upstream(at: u32, place: u32) -> vec4<f32> {
  var d = dy[at];
  if (DROPOUT == 1u) {
    d *= kept(place);
  }
  return d;
}

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let C4 = params.C4;
  let H = params.H;
  let W = params.W;
  let HW = H * W;
  let map = id.x;
  let c = map % C4;
  let n = map / C4;
  let at = map * HW;
  let place = (params.first_sample * C4 + map) * HW;
  let r = scale[map];
  let g = gamma[c];
  let b = beta[c];
  let t = tau[c];
  var d_gamma = vec4<f32>(0.0);
  var d_beta = vec4<f32>(0.0);
  var d_tau = vec4<f32>(0.0);
  for (var i = 0u; i < H; i++) {
    var row_gamma = vec4<f32>(0.0);
    var row_beta = vec4<f32>(0.0);
    var row_tau = vec4<f32>(0.0);
    for (var j = 0u; j < W; j++) {
      let u = load_activation(x[at + i * W + j]) * r;
      let d = upstream(at + i * W + j, place + i * W + j);
      let passed = fma(u, g, b) > t;
      let dz = select(vec4<f32>(0.0), d, passed);
      row_gamma = fma(dz, u, row_gamma);
      row_beta += dz;
      row_tau += d - dz;
    }
    d_gamma += row_gamma;
    d_beta += row_beta;
    d_tau += row_tau;
  }
  let mean = g * d_gamma * (1.0 / f32(HW));
  var d_bias = vec4<f32>(0.0);
  for (var i = 0u; i < H; i++) {
    let out = (map * (H + 2u) + i + 1u) * (W + 2u) + 1u;
    var row_bias = vec4<f32>(0.0);
    for (var j = 0u; j < W; j++) {
      let u = load_activation(x[at + i * W + j]) * r;
      let d = upstream(at + i * W + j, place + i * W + j);
      let dz = select(vec4<f32>(0.0), d, fma(u, g, b) > t);
      let v = r * fma(g, dz, -(u * mean));
      dx[out + j] = v;
      // What is added up is v as it was stored: a compiler may make one multiply-add, which rounds once, of the product by r and that
      // sum, unless a choice stands between. No row is beyond the last.
      row_bias += select(v, vec4<f32>(0.0), i >= params.H);
    }
    d_bias += row_bias;
  }
  partial[(n * 4u) * C4 + c] = d_gamma;
  partial[(n * 4u + 1u) * C4 + c] = d_beta;
  partial[(n * 4u + 2u) * C4 + c] = d_tau;
  partial[(n * 4u + 3u) * C4 + c] = d_bias;
}
