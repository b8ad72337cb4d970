// conv3x3_weight_gradient_shared: partial sums of ∂w[k,c,p,q] = Σ_{n,i,j} ∂y[n,k,i,j] · x[n,c,2·i+p,2·j+q] by workgroups that share what they read.
//   x [N, C4, 2·H+2, 2·W+2, 4] and ∂y [N, OUT4, H+2, W+2, 4], both with a border of one zero pixel
//   partial [PARTS, OUT4/4, C4, 3, 3, 4, 16]: part (n / SAMPLES)·row parts + row part; the order of the weights
//
// C4, OUT4: input, output channels / 4;  H, W: rows, columns of ∂y
// SAMPLES: samples summed in one part;  ROWS: rows summed in one part, or H if that is less;  row parts = H / ROWS
// A workgroup sums one part for IN4 blocks of four inputs and ACROSS of four outputs. It goes down strips of STRIP columns, two rows of
// ∂y at a time, and takes them and the five rows of x that they meet into workgroup memory, but the one of x that the two rows before
// have met: they take turns there. A row of x and PIXEL, from pixel to pixel of ∂y, are an odd number of vec4, so that neighbouring
// threads read other banks. One thread walks along the rows for 4 inputs, TK blocks of four outputs, LANES apart, and one row of taps; of
// x it needs a pixel at a time. Its sums run over n, strips, rows, columns.

const S: u32 = 2u;
const HEIGHT: u32 = 2u;
const LANES: u32 = ACROSS / TK;

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

var<workgroup> inputs: array<array<vec4<f32>, XW>, XROWS * IN4>;
var<workgroup> gradients: array<array<vec4<f32>, PIXEL>, HEIGHT * STRIP>;

fn put_input(turn: u32, c: u32, j: u32, value: vec4<f32>) {
  inputs[turn * IN4 + c][j] = value;
}

#include "strips"

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let C4 = params.C4;
  let OUT4 = params.OUT4;
  let H = params.H;
  let rows = min(H, ROWS);
  let row_parts = H / rows;
  // Workgroups that read the same pixels follow each other.
  let c0 = id.x % (C4 / IN4) * IN4;
  let k0 = id.x / (C4 / IN4) % (OUT4 / ACROSS) * ACROSS;
  let part = id.x / (C4 / IN4 * (OUT4 / ACROSS));
  let lane = thread % LANES;
  let c = thread / LANES % IN4;
  let p = thread / LANES / IN4;
  let first_row = part % row_parts * rows;
  let first_sample = part / row_parts * SAMPLES;

  // sum[(q·4 + channel)·TK + block of four outputs]
  var sum: array<vec4<f32>, 12u * TK>;
  // @unroll
  for (var s = 0u; s < 12 * TK; s++) {
    sum[s] = vec4<f32>(0.0);
  }
  for (var n = first_sample; n < first_sample + SAMPLES; n++) {
    for (var strip = 0u; strip < W; strip += STRIP) {
      for (var i = first_row; i < first_row + rows; i += HEIGHT) {
        workgroupBarrier();
        take_inputs(n, c0, i, strip, i == first_row, thread);
        take_gradients(n, k0, i, strip, thread);
        workgroupBarrier();
        for (var r = 0u; r < HEIGHT; r++) {
          let turn = (S * (i + r) + p) % XROWS * IN4 + c;
          var value = inputs[turn][0];
          for (var j = 0u; j < STRIP; j++) {
            var d: array<vec4<f32>, TK>;
            // @unroll
            for (var k = 0u; k < TK; k++) {
              d[k] = gradients[r * STRIP + j][lane + k * LANES];
            }
            // @unroll
            for (var q = 0u; q < 3; q++) {
              if (q > 0u) {
                value = inputs[turn][S * j + q];
              }
              // @unroll
              for (var u = 0u; u < 4; u++) {
                // @unroll
                for (var k = 0u; k < TK; k++) {
                  const s = (q * 4u + u) * TK + k;
                  sum[s] = fma(vec4<f32>(value[u]), d[k], sum[s]);
                }
              }
            }
          }
        }
      }
    }
  }
  // @unroll
  for (var k = 0u; k < TK; k++) {
    let block = k0 + lane + k * LANES;
    let out = ((part * (OUT4 / 4u) + block / 4u) * C4 + c0 + c) * 144u + p * 48u + block % 4u;
    // @unroll
    for (var t = 0u; t < 12; t++) {
      partial[out + t * 4u] = sum[t * TK + k];
    }
  }
}
