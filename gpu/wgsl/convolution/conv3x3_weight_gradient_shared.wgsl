// conv3x3_weight_gradient_shared: partial sums of ∂w[k,c,p,q] = Σ_{n,i,j} ∂y[n,k,i,j] · x[n,c,S·i+p,S·j+q]: conv3x3_weight_gradient by workgroups that share what they read.
//   x [N, C4, S·H+2, S·W+2, 4] and ∂y [N, OUT4, H+2, W+2, 4], both with a border of one zero pixel
//   partial [PARTS, OUT4/4, C4, 3, 3, 4, 16]: part (n / SAMPLES)·row parts + row part; the order of the weights
//
// C4, OUT4: input, output channels / 4;  H, W: rows, columns of ∂y;  S: stride
// SAMPLES: samples summed in one part;  ROWS: rows summed in one part, or H if that is less;  row parts = H / ROWS
// A workgroup sums one part for IN4 blocks of four inputs and ACROSS of four outputs. It takes each row of ∂y and the three rows of x
// that it meets into workgroup memory, but those of x that the row before has met: they take turns there. ROW and PIXEL, from row to
// row and from pixel to pixel, are odd, so that neighbouring threads read other banks. One thread walks along the row for 4 inputs, TK blocks of four outputs, LANES
// apart, and one row of taps. Its sums run as conv3x3_weight_gradient's do: both give the same bits.

const LANES: u32 = ACROSS / TK;
const XW: u32 = S * W + 2u;

#include "activation"

@group(0) @binding(0) var<storage, read> x: array<Activation>;
@group(0) @binding(1) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> partial: array<vec4<f32>>;

struct Params {
  C4: u32,
  OUT4: u32,
  H: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> inputs: array<array<vec4<f32>, ROW>, 3u * IN4>;
var<workgroup> gradients: array<array<vec4<f32>, PIXEL>, W>;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let C4 = params.C4;
  let OUT4 = params.OUT4;
  let XH = S * params.H + 2u;
  let YH = params.H + 2u;
  let rows = min(params.H, ROWS);
  let row_parts = params.H / rows;
  // Workgroups that read the same pixels follow each other.
  let c0 = id.x % (C4 / IN4) * IN4;
  let k0 = id.x / (C4 / IN4) % (OUT4 / ACROSS) * ACROSS;
  let part = id.x / (C4 / IN4 * (OUT4 / ACROSS));
  let lane = thread % LANES;
  let row = thread / LANES;
  let first_row = part % row_parts * rows;
  let first_sample = part / row_parts * SAMPLES;

  // sum[(q·4 + channel)·TK + block of four outputs]
  var sum: array<vec4<f32>, 12u * TK>;
  // @unroll
  for (var s = 0u; s < 12 * TK; s++) {
    sum[s] = vec4<f32>(0.0);
  }
  for (var n = first_sample; n < first_sample + SAMPLES; n++) {
    for (var i = first_row; i < first_row + rows; i++) {
      workgroupBarrier();
      let met = select(3u - S, 0u, i == first_row);
      for (var t = met * IN4 * XW + thread; t < 3u * IN4 * XW; t += GROUP) {
        let r = t / XW;
        let from_row = S * i + r / IN4;
        let from_x = ((n * C4 + c0 + r % IN4) * XH + from_row) * XW;
        inputs[from_row % 3u * IN4 + r % IN4][t % XW] = load_activation(x[from_x + t % XW]);
      }
      for (var t = thread; t < W * ACROSS; t += GROUP) {
        let k = t / W;
        gradients[t % W][k] = dy[((n * OUT4 + k0 + k) * YH + i + 1u) * (W + 2u) + 1u + t % W];
      }
      workgroupBarrier();
      let turn = (S * i + row / IN4) % 3u * IN4 + row % IN4;
      var xs: array<vec4<f32>, 3>;
      // @unroll
      for (var q = 0u; q < 3 - S; q++) {
        xs[S + q] = inputs[turn][q];
      }
      for (var j = 0u; j < W; j++) {
        var d: array<vec4<f32>, TK>;
        // @unroll
        for (var k = 0u; k < TK; k++) {
          d[k] = gradients[j][lane + k * LANES];
        }
        // @unroll
        for (var q = 0u; q < 3 - S; q++) {
          xs[q] = xs[q + S];
        }
        // @unroll
        for (var q = 0u; q < S; q++) {
          xs[3u - S + q] = inputs[turn][S * j + 3u - S + q];
        }
        // @unroll
        for (var q = 0u; q < 3; q++) {
          // @unroll
          for (var u = 0u; u < 4; u++) {
            // @unroll
            for (var k = 0u; k < TK; k++) {
              let s = (q * 4u + u) * TK + k;
              sum[s] = fma(vec4<f32>(xs[q][u]), d[k], sum[s]);
            }
          }
        }
      }
    }
  }
  let c = c0 + row % IN4;
  let p = row / IN4;
  // @unroll
  for (var k = 0u; k < TK; k++) {
    let block = k0 + lane + k * LANES;
    let out = ((part * (OUT4 / 4u) + block / 4u) * C4 + c) * 144u + p * 48u + block % 4u;
    // @unroll
    for (var t = 0u; t < 12; t++) {
      partial[out + t * 4u] = sum[t * TK + k];
    }
  }
}
