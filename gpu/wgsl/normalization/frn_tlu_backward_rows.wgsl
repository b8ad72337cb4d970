// frn_tlu_backward_rows: frn_tlu_backward by workgroups of GROUP / W maps of W rows and columns. With z = γ·u + β, passed = z > τ, ∂z = passed·∂y, r = the kept rsqrt:
//   ∂x = r · (γ·∂z − u · mean_{h,w}(γ·∂z·u));  ∂γ = Σ ∂z·u;  ∂β = Σ ∂z;  ∂τ = Σ (1 − passed)·∂y
//   x, ∂y [N, C4, H, W, 4];  ∂x [N, C4, H+2, W+2, 4] (the border is left alone, and stands at zero)
//   partial [N, 4, C4, 4]: one sample's share of ∂γ, ∂β, ∂τ and of the convolution's bias gradient Σ ∂x
//
// One thread owns a row; the rows of a map are added in order, as frn_tlu_backward adds them, so both give the same bits. With DROPOUT ∂y is multiplied by keep / (1 − rate) first.

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

var<workgroup> rows_gamma: array<vec4<f32>, GROUP>;
var<workgroup> rows_beta: array<vec4<f32>, GROUP>;
var<workgroup> rows_tau: array<vec4<f32>, GROUP>;
var<workgroup> rows_bias: array<vec4<f32>, GROUP>;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let C4 = params.C4;
  let W = params.W;
  let map = id.x / W;
  let i = thread % W;
  let first = thread - i;
  let c = map % C4;
  let n = map / C4;
  let at = (map * W + i) * W;
  let place = (params.first_sample * C4 + map) * (W * W) + i * W;
  let r = scale[map];
  let g = gamma[c];
  let b = beta[c];
  let t = tau[c];
  var row_gamma = vec4<f32>(0.0);
  var row_beta = vec4<f32>(0.0);
  var row_tau = vec4<f32>(0.0);
  for (var j = 0u; j < W; j++) {
    let u = load_activation(x[at + j]) * r;
    let d = upstream(at + j, place + j);
    let passed = fma(u, g, b) > t;
    let dz = select(vec4<f32>(0.0), d, passed);
    row_gamma = fma(dz, u, row_gamma);
    row_beta += dz;
    row_tau += d - dz;
  }
  rows_gamma[thread] = row_gamma;
  rows_beta[thread] = row_beta;
  rows_tau[thread] = row_tau;
  workgroupBarrier();
  var d_gamma = vec4<f32>(0.0);
  for (var k = 0u; k < W; k++) {
    d_gamma += rows_gamma[first + k];
  }
  let mean = g * d_gamma * (1.0 / f32(W * W));
  let out = (map * (W + 2u) + i + 1u) * (W + 2u) + 1u;
  var row_bias = vec4<f32>(0.0);
  for (var j = 0u; j < W; j++) {
    let u = load_activation(x[at + j]) * r;
    let d = upstream(at + j, place + j);
    let dz = select(vec4<f32>(0.0), d, fma(u, g, b) > t);
    let v = r * fma(g, dz, -(u * mean));
    dx[out + j] = v;
    row_bias += v;
  }
  rows_bias[thread] = row_bias;
  workgroupBarrier();
  if (i == 0u) {
    var d_beta = vec4<f32>(0.0);
    var d_tau = vec4<f32>(0.0);
    var d_bias = vec4<f32>(0.0);
    for (var k = 0u; k < W; k++) {
      d_beta += rows_beta[thread + k];
      d_tau += rows_tau[thread + k];
      d_bias += rows_bias[thread + k];
    }
    partial[(n * 4u) * C4 + c] = d_gamma;
    partial[(n * 4u + 1u) * C4 + c] = d_beta;
    partial[(n * 4u + 2u) * C4 + c] = d_tau;
    partial[(n * 4u + 3u) * C4 + c] = d_bias;
  }
}
