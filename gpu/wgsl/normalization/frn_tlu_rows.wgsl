// frn_tlu_rows: frn_tlu by workgroups of GROUP / W maps of W rows and columns:
//   u = x · rsqrt(mean_{h,w}(x²) + ε);  y = max(γ·u + β, τ);  with DROPOUT: y ← y · keep / (1 − rate)
//   x [N, C4, H, W, 4];  γ, β, τ [C4, 4];  scale [N, C4, 4] = the rsqrt, kept for the backward pass
//   y [N, C4, H+2·border, W+2·border, 4]: the border is left alone, and stands at zero
//
// One thread sums a row; the rows of a map are added in order, as frn_tlu adds them, so both give the same bits. Then neighbouring
// threads take neighbouring elements. Dropout as in frn_tlu.

#include "activation"
#include "random"
#include "dropout"

@group(0) @binding(0) var<storage, read> x: array<Activation>;
@group(0) @binding(1) var<storage, read> gamma: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> beta: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> tau: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> scale: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> y: array<Activation>;

struct Params {
  C4: u32,
  H: u32,
  W: u32,
  border: u32,
  stream_a: u32,
  stream_b: u32,
  stream_c: u32,
  first_sample: u32,
  rate: f32,
}
@group(0) @binding(6) var<uniform> params: Params;

var<workgroup> rows: array<vec4<f32>, GROUP>;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let C4 = params.C4;
  let W = params.W;
  let map = id.x / W;
  let i = thread % W;
  let first = thread - i;
  let c = map % C4;
  let x0 = map * (W * W);
  let place = (params.first_sample * C4 + map) * (W * W);
  let border = params.border;
  let YW = W + 2u * border;
  var row = vec4<f32>(0.0);
  for (var j = 0u; j < W; j++) {
    let v = load_activation(x[x0 + i * W + j]);
    row = fma(v, v, row);
  }
  rows[thread] = row;
  workgroupBarrier();
  var square = vec4<f32>(0.0);
  for (var k = 0u; k < W; k++) {
    square += rows[first + k];
  }
  let r = 1.0 / sqrt(square * (1.0 / f32(W * W)) + EPSILON);
  if (i == 0u) {
    scale[map] = r;
  }
  let g = gamma[c];
  let b = beta[c];
  let t = tau[c];
  let y0 = map * (YW * YW) + border * YW + border + i;
  for (var k = 0u; k < W; k++) {
    let at = k * W + i;
    var v = max(fma(load_activation(x[x0 + at]) * r, g, b), t);
    if (DROPOUT == 1u) {
      v *= kept(place + at);
    }
    y[y0 + k * YW] = store_activation(v);
  }
}
