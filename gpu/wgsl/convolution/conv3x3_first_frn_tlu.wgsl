// conv3x3_first_frn_tlu: conv3x3_first and frn_tlu in one, a workgroup for each sample and four channels:
//   x[n,k,i,j] = bias[k] + Σ_{p,q} w[k,p,q] · input[n,i+p,j+q];  u = x · rsqrt(mean_{h,w}(x²) + ε);  y = max(γ·u + β, τ)
//   input [N, W+2, W+2] with its border of one zero pixel;  w [3, 3, 4·OUT4]
//   y [N, OUT4, W+2·border, W+2·border, 4]: the border is left alone, and stands at zero
//   parameters: bias, γ, β and τ, [OUT4, 4] each, from the places on that `Params` has
//
// One thread computes TW = W / 4 pixels of a column, so that neighbours take and write neighbours. The four threads that a row
// then has sum the squares of a channel each in the order of its pixels, and four add the rows in order, as frn_tlu adds them:
// both give the same bits. What the backward pass needs the included `keep` functions keep.

const TW: u32 = W / 4u;
const XW: u32 = W + 2u;

#include "activation"

@group(0) @binding(0) var<storage, read> input: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> parameters: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> y: array<Activation>;

struct Params {
  OUT4: u32,
  border: u32,
  bias: u32,
  gamma: u32,
  beta: u32,
  tau: u32,
}

#include "keep"

// A pixel more than a row has, so that eight rows lie in other banks.
var<workgroup> values: array<array<vec4<f32>, W + 1u>, W>;
var<workgroup> rows: array<array<f32, 4u>, W>;
var<workgroup> squares: array<f32, 4u>;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let OUT4 = params.OUT4;
  let k = id.x % OUT4;
  let n = id.x / OUT4;
  let j = thread % W;
  let i0 = thread / W * TW;
  let from_row = (n * XW + i0) * XW + j;
  var xs: array<f32, 3u * (TW + 2u)>;
  // @unroll
  for (var p = 0u; p < W / 4 + 2; p++) {
    // @unroll
    for (var q = 0u; q < 3; q++) {
      xs[p * 3u + q] = input[from_row + p * XW + q];
    }
  }
  var sum: array<vec4<f32>, TW>;
  let bias = parameters[params.bias + k];
  // @unroll
  for (var i = 0u; i < W / 4; i++) {
    sum[i] = bias;
  }
  // @unroll
  for (var tap = 0u; tap < 9; tap++) {
    let wt = w[tap * OUT4 + k];
    // @unroll
    for (var i = 0u; i < W / 4; i++) {
      sum[i] = fma(vec4<f32>(xs[i * 3u + tap]), wt, sum[i]);
    }
  }
  // @unroll
  for (var i = 0u; i < W / 4; i++) {
    values[i0 + i][j] = load_activation(store_activation(sum[i]));
  }
  workgroupBarrier();
  let row = thread / 4u;
  let channel = thread % 4u;
  var square = 0.0;
  for (var at = 0u; at < W; at++) {
    let v = values[row][at][channel];
    square = fma(v, v, square);
  }
  rows[row][channel] = square;
  workgroupBarrier();
  if (thread < 4u) {
    square = 0.0;
    for (var i = 0u; i < W; i++) {
      square += rows[i][thread];
    }
    squares[thread] = square;
  }
  workgroupBarrier();
  let map = n * OUT4 + k;
  let mean = vec4<f32>(squares[0], squares[1], squares[2], squares[3]) * (1.0 / f32(W * W));
  let r = 1.0 / sqrt(mean + EPSILON);
  if (thread == 0u) {
    keep_scale(map, r);
  }
  let g = parameters[params.gamma + k];
  let b = parameters[params.beta + k];
  let t = parameters[params.tau + k];
  let border = params.border;
  let YW = W + 2u * border;
  // @unroll
  for (var i = 0u; i < W / 4; i++) {
    let x = store_activation(sum[i]);
    keep((map * W + i0 + i) * W + j, x);
    y[(map * YW + i0 + i + border) * YW + border + j] = store_activation(max(fma(load_activation(x) * r, g, b), t));
  }
}
