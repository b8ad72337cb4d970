// conv3x3_weight_gradient: partial sums of ∂w[k,c,p,q] = Σ_{n,i,j} ∂y[n,k,i,j] · x[n,c,S·i+p,S·j+q].
//   x [N, C4, S·H+2, S·W+2, 4] and ∂y [N, OUT4, H+2, W+2, 4], both with a border of one zero pixel
//   partial [PARTS, OUT4/4, C4, 3, 3, 4, 16]: part (n / SAMPLES)·row parts + row part; the order of the weights
//
// C4, OUT4: input, output channels / 4;  H, W: rows, columns of ∂y;  S: stride
// SAMPLES: samples summed in one part;  ROWS: rows summed in one part, or H if that is less;  row parts = H / ROWS
// One thread sums one part for 4 input and 16 output channels and TAP_ROWS of the three rows of taps; it walks
// along a row and keeps the window of x in registers.

#include "activation"

@group(0) @binding(0) var<storage, read> x: array<Activation>;
@group(0) @binding(1) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> partial: array<vec4<f32>>;

struct Params {
  C4: u32,
  OUT4: u32,
  H: u32,
  W: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let C4 = params.C4;
  let OUT4 = params.OUT4;
  let W = params.W;
  let XW = S * W + 2u;
  let XH = S * params.H + 2u;
  let YW = W + 2u;
  let YH = params.H + 2u;
  let tiles = C4 * (OUT4 / 4u) * (3u / TAP_ROWS);
  let rows = min(params.H, ROWS);
  let row_parts = params.H / rows;
  let tile = id.x % tiles;
  let part = id.x / tiles;
  let p0 = tile % (3u / TAP_ROWS) * TAP_ROWS;
  let c = tile / (3u / TAP_ROWS) % C4;
  let block = tile / (3u / TAP_ROWS) / C4;
  let first_row = part % row_parts * rows;
  let first_sample = part / row_parts * SAMPLES;

  // sum[((p·3 + q)·4 + channel)·4 + block of four]
  var sum: array<vec4<f32>, TAP_ROWS * 48u>;
  // @unroll
  for (var s = 0u; s < TAP_ROWS * 48; s++) {
    sum[s] = vec4<f32>(0.0);
  }
  for (var n = first_sample; n < first_sample + SAMPLES; n++) {
    for (var i = first_row; i < first_row + rows; i++) {
      var x_at = ((n * C4 + c) * XH + S * i + p0) * XW;
      var y_at = ((n * OUT4 + block * 4u) * YH + i + 1u) * YW + 1u;
      var xs: array<vec4<f32>, TAP_ROWS * 3u>;
      // @unroll
      for (var p = 0u; p < TAP_ROWS; p++) {
        // @unroll
        for (var q = 0u; q < 3 - S; q++) {
          xs[p * 3u + S + q] = load_activation(x[x_at + p * XW + q]);
        }
      }
      x_at += 3u - S;
      for (var j = 0u; j < W; j++) {
        var d: array<vec4<f32>, 4>;
        // @unroll
        for (var k = 0u; k < 4; k++) {
          d[k] = dy[y_at + k * (YH * YW)];
        }
        // @unroll
        for (var p = 0u; p < TAP_ROWS; p++) {
          // @unroll
          for (var q = 0u; q < 3 - S; q++) {
            xs[p * 3u + q] = xs[p * 3u + q + S];
          }
          // @unroll
          for (var q = 0u; q < S; q++) {
            xs[p * 3u + 3u - S + q] = load_activation(x[x_at + p * XW + q]);
          }
        }
        x_at += S;
        y_at += 1u;
        // @unroll
        for (var t = 0u; t < TAP_ROWS * 3; t++) {
          // @unroll
          for (var k = 0u; k < 4; k++) {
            sum[t * 16u + k] = fma(vec4<f32>(xs[t].x), d[k], sum[t * 16u + k]);
            sum[t * 16u + 4u + k] = fma(vec4<f32>(xs[t].y), d[k], sum[t * 16u + 4u + k]);
            sum[t * 16u + 8u + k] = fma(vec4<f32>(xs[t].z), d[k], sum[t * 16u + 8u + k]);
            sum[t * 16u + 12u + k] = fma(vec4<f32>(xs[t].w), d[k], sum[t * 16u + 12u + k]);
          }
        }
      }
    }
  }
  let out = (part * (OUT4 / 4u) + block) * (C4 * 144u) + c * 144u + p0 * 48u;
  // @unroll
  for (var s = 0u; s < TAP_ROWS * 48; s++) {
    partial[out + s] = sum[s];
  }
}
