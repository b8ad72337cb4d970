// conv3x3: y[n,k,i,j] = bias[k] + Σ_{c,p,q} w[k,c,p,q] · x[n,c,S·i+p,S·j+q], for one block of 4·K4 output channels.
//   x [N, C4, S·H+2, S·W+2, 4] with its border of one zero pixel;  y [N, OUT4, H, W, 4]
//   w [C4, 3, 3, 4, 4·K4]: the block's weights, output channels innermost;  bias [OUT4, 4]
//
// C4, OUT4: input, output channels / 4;  H, W: output rows, columns;  S: stride;  first: the block's first channel / 4
// One thread computes TH×TW pixels of 4·K4 channels; its sums run over c, then p, then q, then the four of c,
// whatever the tile.

const COLUMNS: u32 = S * (TW - 1u) + 3u;

#include "activation"

@group(0) @binding(0) var<storage, read> x: array<Activation>;
#include "weights"
@group(0) @binding(2) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> y: array<Activation>;

struct Params {
  C4: u32,
  OUT4: u32,
  H: u32,
  W: u32,
  first: u32,
}
@group(0) @binding(4) var<uniform> params: Params;

// sum[j,k] + Σ_{q,c} w[q,c,k] · xs[S·j+q,c]: one row of a tile, one row of taps. (As a function it is checked once, not TH
// times, and checking takes the square of a function's length.)
fn add_row(before: array<vec4<f32>, TW * K4>, xs: array<vec4<f32>, COLUMNS>, ws: array<vec4<f32>, 12u * K4>)
  -> array<vec4<f32>, TW * K4> {
  var sum = before;
  // @unroll
  for (var j = 0u; j < TW; j++) {
    // @unroll
    for (var k = 0u; k < K4; k++) {
      var s = sum[j * K4 + k];
      // @unroll
      for (var q = 0u; q < 3; q++) {
        s = fma(vec4<f32>(xs[S * j + q].x), ws[(q * 4u) * K4 + k], s);
        s = fma(vec4<f32>(xs[S * j + q].y), ws[(q * 4u + 1u) * K4 + k], s);
        s = fma(vec4<f32>(xs[S * j + q].z), ws[(q * 4u + 2u) * K4 + k], s);
        s = fma(vec4<f32>(xs[S * j + q].w), ws[(q * 4u + 3u) * K4 + k], s);
      }
      sum[j * K4 + k] = s;
    }
  }
  return sum;
}

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let C4 = params.C4;
  let H = params.H;
  let W = params.W;
  let XW = S * W + 2u;
  let XH = S * H + 2u;
  let tiles_x = W / TW;
  let tiles = tiles_x * (H / TH);
  let n = id.x / tiles;
  let tile = id.x % tiles;
  let i0 = tile / tiles_x * TH;
  let j0 = tile % tiles_x * TW;

  var sum: array<array<vec4<f32>, TW * K4>, TH>;
  // @unroll
  for (var k = 0u; k < K4; k++) {
    let b = bias[params.first + k];
    // @unroll
    for (var t = 0u; t < TH * TW; t++) {
      sum[t / TW][t % TW * K4 + k] = b;
    }
  }
  for (var c = 0u; c < C4; c++) {
    for (var p = 0u; p < 3u; p++) {
      let w0 = (c * 3u + p) * (12u * K4);
      let x0 = ((n * C4 + c) * XH + S * i0 + p) * XW + S * j0;
      var ws: array<vec4<f32>, 12u * K4>;
      var xs: array<vec4<f32>, COLUMNS>;
      // @unroll
      for (var v = 0u; v < 12 * K4; v++) {
        ws[v] = w[w0 + v];
      }
      // @unroll
      for (var i = 0u; i < TH; i++) {
        // @unroll
        for (var j = 0u; j < S * (TW - 1) + 3; j++) {
          xs[j] = load_activation(x[x0 + i * (S * XW) + j]);
        }
        sum[i] = add_row(sum[i], xs, ws);
      }
    }
  }
  // @unroll
  for (var k = 0u; k < K4; k++) {
    let y0 = ((n * params.OUT4 + params.first + k) * H + i0) * W + j0;
    // @unroll
    for (var i = 0u; i < TH; i++) {
      // @unroll
      for (var j = 0u; j < TW; j++) {
        y[y0 + i * W + j] = store_activation(sum[i][j * K4 + k]);
      }
    }
  }
}
