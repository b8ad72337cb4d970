// conv3x3: y[n,k,i,j] = bias[k] + Σ_{c,p,q} w[k,c,p,q] · x[n,c,S·i+p,S·j+q], for one block of 4·K4 output channels.
//   x [N, C4, S·H+2, S·W+2, 4] with its border of one zero pixel;  y [N, OUT4, H, W, 4]
//   w [C4, 3, 3, 4, 4·K4]: the block's weights, output channels innermost;  bias [OUT4, 4]
//
// C4, OUT4: input, output channels / 4;  H, W: output rows, columns;  S: stride
// One thread computes TH×TW pixels of 4·K4 channels; its sums run over c, then p, then q, then the four of c,
// whatever the tile.

const XW: u32 = S * W + 2u;
const XH: u32 = S * H + 2u;
const TILES_X: u32 = W / TW;
const TILES: u32 = TILES_X * (H / TH);
const COLUMNS: u32 = S * (TW - 1u) + 3u;

#include "activation"

@group(0) @binding(0) var<storage, read> x: array<Activation, N * C4 * XH * XW>;
#include "weights"
@group(0) @binding(2) var<storage, read> bias: array<vec4<f32>, OUT4>;
@group(0) @binding(3) var<storage, read_write> y: array<Activation, N * OUT4 * H * W>;

struct Params {
  first_channel4: u32,
}
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x / TILES;
  let tile = id.x % TILES;
  let i0 = tile / TILES_X * TH;
  let j0 = tile % TILES_X * TW;

  var sum: array<vec4<f32>, TH * TW * K4>;
  // @unroll
  for (var k = 0u; k < K4; k++) {
    let b = bias[params.first_channel4 + k];
    // @unroll
    for (var t = 0u; t < TH * TW; t++) {
      sum[t * K4 + k] = b;
    }
  }
  for (var c = 0u; c < C4; c++) {
    for (var p = 0u; p < 3u; p++) {
      let w0 = (c * 3u + p) * (12u * K4);
      let x0 = ((n * C4 + c) * XH + S * i0 + p) * XW + S * j0;
      var wp: array<vec4<f32>, 12u * K4>;
      // @unroll
      for (var v = 0u; v < 12 * K4; v++) {
        wp[v] = w[w0 + v];
      }
      // @unroll
      for (var i = 0u; i < TH; i++) {
        var xs: array<vec4<f32>, COLUMNS>;
        // @unroll
        for (var j = 0u; j < S * (TW - 1) + 3; j++) {
          xs[j] = load_activation(x[x0 + i * (S * XW) + j]);
        }
        // @unroll
        for (var j = 0u; j < TW; j++) {
          // @unroll
          for (var k = 0u; k < K4; k++) {
            var s = sum[(i * TW + j) * K4 + k];
            // @unroll
            for (var q = 0u; q < 3; q++) {
              s = fma(vec4<f32>(xs[S * j + q].x), wp[(q * 4u) * K4 + k], s);
              s = fma(vec4<f32>(xs[S * j + q].y), wp[(q * 4u + 1u) * K4 + k], s);
              s = fma(vec4<f32>(xs[S * j + q].z), wp[(q * 4u + 2u) * K4 + k], s);
              s = fma(vec4<f32>(xs[S * j + q].w), wp[(q * 4u + 3u) * K4 + k], s);
            }
            sum[(i * TW + j) * K4 + k] = s;
          }
        }
      }
    }
  }
  // @unroll
  for (var k = 0u; k < K4; k++) {
    let y0 = ((n * OUT4 + params.first_channel4 + k) * H + i0) * W + j0;
    // @unroll
    for (var i = 0u; i < TH; i++) {
      // @unroll
      for (var j = 0u; j < TW; j++) {
        y[y0 + i * W + j] = store_activation(sum[(i * TW + j) * K4 + k]);
      }
    }
  }
}
