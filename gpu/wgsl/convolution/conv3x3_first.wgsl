// conv3x3_first: the first convolution, of one input channel to 4·OUT4 channels:
//   y[n,k,i,j] = bias[k] + Σ_{p,q} w[k,p,q] · x[n,i+p,j+q]
//   x [N, H+2, W+2] with its border of one zero pixel;  y [N, OUT4, H, W, 4];  w [3, 3, 4·OUT4];  bias [OUT4, 4]
//
// One thread computes TW pixels of a row, all channels.

const XW: u32 = W + 2u;
const TILES_X: u32 = W / TW;

#include "activation"

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>, 9u * OUT4>;
@group(0) @binding(2) var<storage, read> bias: array<vec4<f32>, OUT4>;
@group(0) @binding(3) var<storage, read_write> y: array<Activation>;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x / (H * TILES_X);
  let i = id.x / TILES_X % H;
  let j0 = id.x % TILES_X * TW;
  let x0 = (n * (H + 2u) + i) * XW + j0;
  var xs: array<f32, 3u * (TW + 2u)>;
  // @unroll
  for (var p = 0u; p < 3; p++) {
    // @unroll
    for (var j = 0u; j < TW + 2; j++) {
      xs[p * (TW + 2u) + j] = x[x0 + p * XW + j];
    }
  }
  for (var k = 0u; k < OUT4; k++) {
    var sum: array<vec4<f32>, TW>;
    let b = bias[k];
    // @unroll
    for (var j = 0u; j < TW; j++) {
      sum[j] = b;
    }
    // @unroll
    for (var tap = 0u; tap < 9; tap++) {
      let wt = w[tap * OUT4 + k];
      // @unroll
      for (var j = 0u; j < TW; j++) {
        sum[j] = fma(vec4<f32>(xs[tap / 3u * (TW + 2u) + j + tap % 3u]), wt, sum[j]);
      }
    }
    // @unroll
    for (var j = 0u; j < TW; j++) {
      y[((n * OUT4 + k) * H + i) * W + j0 + j] = store_activation(sum[j]);
    }
  }
}
