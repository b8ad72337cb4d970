// frn_tlu_backward_rows: frn_tlu_backward by workgroups of GROUP / W maps of W rows and columns. With z = γ·u + β, passed = z > τ, ∂z = passed·∂y, r = the kept rsqrt:
//   ∂x = r · (γ·∂z − u · mean_{h,w}(γ·∂z·u));  ∂γ = Σ ∂z·u;  ∂β = Σ ∂z;  ∂τ = Σ (1 − passed)·∂y
//   x, ∂y [N, C4, H, W, 4];  ∂x [N, C4, H+2, W+2, 4] (the border is left alone, and stands at zero)
//   partial [N, 4, C4, 4]: one sample's share of ∂γ, ∂β, ∂τ and of the convolution's bias gradient Σ ∂x
//
// One thread sums a row; the rows of a map are added in order, as frn_tlu_backward adds them, so both give the same bits.
// SEGMENT columns of all rows go through workgroup memory at a time, where neighbouring threads take neighbouring elements; the
// columns lie STEP apart, so that eight neighbours meet eight banks by rows as by columns. With DROPOUT ∂y is multiplied by keep / (1 − rate) first.

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

const STEP: u32 = GROUP + 8u / SEGMENT;

var<workgroup> xs: array<array<vec4<f32>, STEP>, SEGMENT>;
var<workgroup> ds: array<array<vec4<f32>, STEP>, SEGMENT>;

// Takes SEGMENT columns of x and of the gradient after dropout, from element `start` of the workgroup's first row on.
fn take(start: u32, thread: u32) {
  let W = params.W;
  let place = params.first_sample * params.C4 * (W * W);
  for (var k = 0u; k < SEGMENT; k++) {
    let t = k * GROUP + thread;
    let at = start + t / SEGMENT * W + t % SEGMENT;
    xs[t % SEGMENT][t / SEGMENT] = load_activation(x[at]);
    var d = dy[at];
    if (DROPOUT == 1u) {
      d *= kept(place + at);
    }
    ds[t % SEGMENT][t / SEGMENT] = d;
  }
}

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let C4 = params.C4;
  let W = params.W;
  let row0 = group.x * GROUP;
  let map = (row0 + thread) / W;
  let i = thread % W;
  let first = thread - i;
  let c = map % C4;
  let r = scale[map];
  let g = gamma[c];
  let b = beta[c];
  let t = tau[c];
  var row_gamma = vec4<f32>(0.0);
  var row_beta = vec4<f32>(0.0);
  var row_tau = vec4<f32>(0.0);
  for (var j0 = 0u; j0 < W; j0 += SEGMENT) {
    workgroupBarrier();
    take(row0 * W + j0, thread);
    workgroupBarrier();
    for (var j = 0u; j < SEGMENT; j++) {
      let u = xs[j][thread] * r;
      let d = ds[j][thread];
      let passed = fma(u, g, b) > t;
      let dz = select(vec4<f32>(0.0), d, passed);
      row_gamma = fma(dz, u, row_gamma);
      row_beta += dz;
      row_tau += d - dz;
    }
  }
  workgroupBarrier();
  xs[0][thread] = row_gamma;
  workgroupBarrier();
  var d_gamma = vec4<f32>(0.0);
  for (var k = 0u; k < W; k++) {
    d_gamma += xs[0][first + k];
  }
  let mean = g * d_gamma * (1.0 / f32(W * W));
  var row_bias = vec4<f32>(0.0);
  for (var j0 = 0u; j0 < W; j0 += SEGMENT) {
    workgroupBarrier();
    take(row0 * W + j0, thread);
    workgroupBarrier();
    for (var j = 0u; j < SEGMENT; j++) {
      let u = xs[j][thread] * r;
      let dz = select(vec4<f32>(0.0), ds[j][thread], fma(u, g, b) > t);
      xs[j][thread] = r * fma(g, dz, -(u * mean));
    }
    workgroupBarrier();
    for (var j = 0u; j < SEGMENT; j++) {
      row_bias += xs[j][thread];
    }
    for (var k = 0u; k < SEGMENT; k++) {
      let t = k * GROUP + thread;
      let row = row0 + t / SEGMENT;
      // Each row has two columns of border, each map two rows.
      let out = (row + row / W * 2u + 1u) * (W + 2u) + 1u;
      dx[out + j0 + t % SEGMENT] = xs[t % SEGMENT][t / SEGMENT];
    }
  }
  workgroupBarrier();
  xs[0][thread] = row_beta;
  xs[1][thread] = row_tau;
  xs[2][thread] = row_bias;
  workgroupBarrier();
  let own = (map / C4 * 4u) * C4 + c;
  if (i == 3u) {
    partial[own] = d_gamma;
  } else if (i < 3u) {
    var sum = vec4<f32>(0.0);
    for (var k = 0u; k < W; k++) {
      sum += xs[i][first + k];
    }
    partial[own + (i + 1u) * C4] = sum;
  }
}
