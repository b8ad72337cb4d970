// conv3x3_shared: y[n,k,i,j] = bias[k] + Σ_{c,p,q} w[k,c,p,q] · x[n,c,S·i+p,S·j+q]: conv3x3 by workgroups that share what they read.
//   x [N, C4, S·H+2, S·W+2, 4] with its border of one zero pixel;  y [N, OUT4, H, W, 4]
//   w [OUT4/4, C4, 3, 3, 4, 16]: output channels innermost;  bias [OUT4, 4]
//
// C4, OUT4: input, output channels / 4;  H, W: output rows, columns;  S: stride
// A workgroup computes ROWS rows of SAMPLES samples, 4·CH4 channels of each. For every block of four inputs it takes its
// window of x and its weights into workgroup memory, cut into what each thread reads in one go: WINDOW and WEIGHTS are odd, so
// that the threads read other banks. One thread computes TW pixels of a row, TK blocks of four channels, LANES apart.
// Its sums run over c, then p, then q, then the four of c, as conv3x3's do: both give the same bits. What becomes of them the
// included output says: they are written to y, or normalised first.

const LANES: u32 = CH4 / TK;
const ACROSS: u32 = W / TW;
const XW: u32 = S * W + 2u;
const XROWS: u32 = S * (ROWS - 1u) + 3u;
const COLUMNS: u32 = S * (TW - 1u) + 3u;
const WINDOWS: u32 = SAMPLES * XROWS * ACROSS;
// Blocks of four channels whose weights for one input lie together.
const TOGETHER: u32 = min(4u, CH4);

#include "activation"

@group(0) @binding(0) var<storage, read> x: array<Activation>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;

// The sums of a thread: of block k of four channels and pixel j of TW at j·TK + k; of one row, TH = 1.
alias Sums = array<vec4<f32>, TW * TK>;

#include "place"
#include "output"

var<workgroup> windows: array<array<vec4<f32>, WINDOW>, WINDOWS>;
var<workgroup> weights: array<array<vec4<f32>, WEIGHTS>, 3u * LANES>;
// SUMS sums over the pixels of a row of four channels, for an output that wants them.
var<workgroup> row_sums: array<array<array<vec4<f32>, CH4>, SAMPLES * ROWS>, SUMS>;

fn row_sum(kind: u32, row: u32, block: u32) -> vec4<f32> {
  return row_sums[kind][row][block];
}

fn set_row_sum(kind: u32, row: u32, block: u32, sum: vec4<f32>) {
  row_sums[kind][row][block] = sum;
}

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let C4 = params.C4;
  let H = params.H;
  let OUT4 = params.OUT4;
  let XH = S * H + 2u;
  // Workgroups that read the same pixels follow each other.
  let first = id.x % (OUT4 / CH4) * CH4;
  let block = id.x / (OUT4 / CH4);
  let n0 = block / (H / ROWS) * SAMPLES;
  let i0 = block % (H / ROWS) * ROWS;
  let lane = thread % LANES;
  let across = thread / LANES % ACROSS;
  let row = thread / (LANES * ACROSS);
  let top = (row / ROWS * XROWS + row % ROWS * S) * ACROSS + across;

  var sum: Sums;
  // @unroll
  for (var k = 0u; k < TK; k++) {
    let b = bias_of(first + k * LANES + lane);
    // @unroll
    for (var j = 0u; j < TW; j++) {
      sum[j * TK + k] = b;
    }
  }
  for (var c = 0u; c < C4; c++) {
    workgroupBarrier();
    for (var t = thread; t < WINDOWS * COLUMNS; t += GROUP) {
      let at = t / COLUMNS;
      let j = t % COLUMNS;
      let r = at / ACROSS;
      let from_row = ((n0 + r / XROWS) * C4 + c) * XH + S * i0 + r % XROWS;
      windows[at][j] = load_activation(x[from_row * XW + at % ACROSS * (S * TW) + j]);
    }
    for (var t = thread; t < 36u * CH4; t += GROUP) {
      let r = t / TOGETHER % 36u;
      let k = t / TOGETHER / 36u * TOGETHER + t % TOGETHER;
      weights[r / 12u * LANES + k % LANES][r % 12u * TK + k / LANES] =
        w[((first + k) / 4u * C4 + c) * 144u + r * 4u + (first + k) % 4u];
    }
    workgroupBarrier();
    for (var p = 0u; p < 3u; p++) {
      let from_window = top + p * ACROSS;
      let from_weights = p * LANES + lane;
      var xs: array<vec4<f32>, COLUMNS>;
      // @unroll
      for (var j = 0u; j < S * (TW - 1) + 3; j++) {
        xs[j] = windows[from_window][j];
      }
      // @unroll
      for (var q = 0u; q < 3; q++) {
        // @unroll
        for (var u = 0u; u < 4; u++) {
          // @unroll
          for (var k = 0u; k < TK; k++) {
            let wt = weights[from_weights][(q * 4u + u) * TK + k];
            // @unroll
            for (var j = 0u; j < TW; j++) {
              sum[j * TK + k] = fma(vec4<f32>(xs[S * j + q][u]), wt, sum[j * TK + k]);
            }
          }
        }
      }
    }
  }
  finish(&sum, Place(lane, across, row, n0 + row / ROWS, i0 + row % ROWS, first + lane));
}
