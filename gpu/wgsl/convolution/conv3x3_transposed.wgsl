// conv3x3_transposed: the input gradient of a convolution of stride 2, for some blocks of 4·K4 input channels:
//   ∂x[n,k,i,j] = Σ_{c,p,q} w[c,k,p,q] · ∂y[n,c,(i+1−p)/2,(j+1−q)/2] over the p, q that divide.
//   ∂y [N, C4, H+2, W+2, 4] with its border of one zero pixel;  ∂x [N, OUT4, 2H, 2W, 4]
//   w [blocks, C4, 3, 3, 4, 4·K4]: the blocks' weights, channels of ∂x innermost
//
// C4: channels of ∂y / 4;  OUT4: channels of ∂x / 4;  H, W: rows, columns of ∂y;  first: the first block's first channel / 4
// One thread computes the 2·TH×2·TW pixels above TH×TW pixels of ∂y. Of every 2×2 pixels the four parities take 1, 2, 2
// and 4 of the nine taps: no product with a zero.

@group(0) @binding(0) var<storage, read> dy: array<vec4<f32>>;
#include "weights"
@group(0) @binding(2) var<storage, read_write> dx: array<vec4<f32>>;

struct Params {
  C4: u32,
  OUT4: u32,
  H: u32,
  W: u32,
  first: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

fn dot4(d: vec4<f32>, w0: vec4<f32>, w1: vec4<f32>, w2: vec4<f32>, w3: vec4<f32>, s: vec4<f32>) -> vec4<f32> {
  return fma(vec4<f32>(d.w), w3, fma(vec4<f32>(d.z), w2, fma(vec4<f32>(d.y), w1, fma(vec4<f32>(d.x), w0, s))));
}

// One row of a tile with all nine taps; sum[(parity·TW + j)·K4 + k], parity 2·(row odd) + (column odd). (As a function it
// is checked once, not TH times.)
fn add_row(
  before: array<vec4<f32>, 4u * TW * K4>,
  near: array<vec4<f32>, TW + 1u>,
  below: array<vec4<f32>, TW + 1u>,
  ws: array<vec4<f32>, 36u * K4>,
) -> array<vec4<f32>, 4u * TW * K4> {
  var sum = before;
  // @unroll
  for (var k = 0u; k < K4; k++) {
    // @unroll
    for (var tap = 0u; tap < 9; tap++) {
      let a = ws[(tap * 4u) * K4 + k];
      let b = ws[(tap * 4u + 1u) * K4 + k];
      let d = ws[(tap * 4u + 2u) * K4 + k];
      let e = ws[(tap * 4u + 3u) * K4 + k];
      // Row 0 of the taps meets the pixel below, in odd rows; row 1 the near one, in even rows; row 2 the near
      // one, in odd rows. Columns alike.
      let row_odd = select(1u, 0u, tap / 3u == 1u);
      let column_odd = select(1u, 0u, tap % 3u == 1u);
      let parity = 2u * row_odd + column_odd;
      let right = select(0u, 1u, tap % 3u == 0u);
      // @unroll
      for (var j = 0u; j < TW; j++) {
        let t = (parity * TW + j) * K4 + k;
        if (tap < 3u) {
          sum[t] = dot4(below[j + right], a, b, d, e, sum[t]);
        } else {
          sum[t] = dot4(near[j + right], a, b, d, e, sum[t]);
        }
      }
    }
  }
  return sum;
}

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let C4 = params.C4;
  let first = params.first + id.y * K4;
  let H = params.H;
  let W = params.W;
  let YW = W + 2u;
  let YH = H + 2u;
  let tiles_x = W / TW;
  let tiles = tiles_x * (H / TH);
  let n = id.x / tiles;
  let tile = id.x % tiles;
  let i0 = tile / tiles_x * TH;
  let j0 = tile % tiles_x * TW;

  var sum: array<array<vec4<f32>, 4u * TW * K4>, TH>;
  // @unroll
  for (var i = 0u; i < TH; i++) {
    // @unroll
    for (var s = 0u; s < 4 * TW * K4; s++) {
      sum[i][s] = vec4<f32>(0.0);
    }
  }
  for (var c = 0u; c < C4; c++) {
    let w0 = (id.y * C4 + c) * (36u * K4);
    let y0 = ((n * C4 + c) * YH + i0 + 1u) * YW + j0 + 1u;
    var ws: array<vec4<f32>, 36u * K4>;
    // @unroll
    for (var v = 0u; v < 36 * K4; v++) {
      ws[v] = w[w0 + v];
    }
    var ds: array<array<vec4<f32>, TW + 1u>, TH + 1u>;
    // @unroll
    for (var i = 0u; i < TH + 1; i++) {
      // @unroll
      for (var j = 0u; j < TW + 1; j++) {
        ds[i][j] = dy[y0 + i * YW + j];
      }
    }
    // @unroll
    for (var i = 0u; i < TH; i++) {
      sum[i] = add_row(sum[i], ds[i], ds[i + 1u], ws);
    }
  }
  // @unroll
  for (var k = 0u; k < K4; k++) {
    // @unroll
    for (var i = 0u; i < TH; i++) {
      let x0 = ((n * params.OUT4 + first + k) * (2u * H) + 2u * (i0 + i)) * (2u * W) + 2u * j0;
      // @unroll
      for (var j = 0u; j < TW; j++) {
        dx[x0 + 2u * j] = sum[i][j * K4 + k];
        dx[x0 + 2u * j + 1u] = sum[i][(TW + j) * K4 + k];
        dx[x0 + 2u * W + 2u * j] = sum[i][(2u * TW + j) * K4 + k];
        dx[x0 + 2u * W + 2u * j + 1u] = sum[i][(3u * TW + j) * K4 + k];
      }
    }
  }
}
