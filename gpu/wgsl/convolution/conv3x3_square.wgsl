// conv3x3_square: y[n,k,i,j] = bias[k] + Σ_{c,p,q} w[k,c,p,q] · x[n,c,S·i+p,S·j+q] by workgroups that share what they read, for threads of few registers.
//   x [N, C4, S·H+2, S·W+2, 4] with its border of one zero pixel;  y [N, OUT4, H, W, 4]
//   w [OUT4/4, C4, 3, 3, 4, 16]: output channels innermost;  bias [OUT4, 4]
//
// C4, OUT4: input, output channels / 4;  H, W: output rows, columns;  S: stride
// A workgroup computes ROWS rows of SAMPLES samples, 4·LANES channels of each. For every block of four inputs it takes its
// window of x, an input channel a plane and two pixels a vec2, and its weights into workgroup memory: at stride 2, whose windows are
// large, those of two inputs at a time. SPAN: vec2 of a plane of one sample, with those that are left free so that threads below each
// other read other banks. One thread computes
// TH × TW pixels, a square, of four channels (TK = 1), for which it reads READ pairs of a row. With BELOW the threads that follow it
// have the squares below, and else those beside. Its sums run over c, then
// over the rows of taps, at stride 2 in the order 0, 2, 1, then over q: so few rows of x are in registers at once, and each is
// loaded once for a channel. What becomes of them the included output says: they are written to y, or normalised first.

const ACROSS: u32 = W / TW;
const PAIRS: u32 = (S * W + 2u) / 2u;
const XROWS: u32 = S * (ROWS - 1u) + 3u;
const UNITS: u32 = 4u / S;
const PLANE: u32 = SAMPLES * SPAN;
// Squares below each other, and rows of x from one to the next.
const DOWN: u32 = SAMPLES * ROWS / TH;
const STEP: u32 = S * TH;
// Whether a column of squares is less than a subgroup's threads, so that those of the next column must read other banks too.
const IS_SHORT: bool = BELOW == 1u && LANES * DOWN < 32u;
// Rows of x to take: for an output that wants whole maps not those of the border, which stand at zero in workgroup memory from the start.
const FIRST_ROW: u32 = min(SUMS, 1u);
const TAKEN: u32 = select(XROWS, S * ROWS, SUMS > 0u);

#include "activation"

@group(0) @binding(0) var<storage, read> x: array<Activation>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;

// The sums of a thread: of row i of TH and pixel j of TW at (i·TW + j)·TK.
alias Sums = array<vec4<f32>, TH * TW>;

#include "place"
#include "output"

// SPACE: of the four planes, or of the sums below where they take more.
var<workgroup> planes: array<vec2<f32>, SPACE>;
var<workgroup> weights: array<array<vec4<f32>, LANES>, 9u * UNITS>;

fn place_of(kind: u32, row: u32, lane: u32) -> u32 {
  return ((kind * TH + row % TH) * DOWN + row / TH) * LANES + lane;
}

#include "row_sums"

// What is left free above row r of a plane: one vec2 behind the rows of every square, or one and fifteen in turn behind those of four.
fn free_above(r: u32) -> u32 {
  return select(r / STEP, r / (8u * STEP) * 16u + r / (4u * STEP) % 2u, IS_SHORT);
}

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let C4 = params.C4;
  let H = params.H;
  let OUT4 = params.OUT4;
  let XH = S * H + 2u;
  // Workgroups that read the same pixels follow each other.
  let first = id.x % (OUT4 / LANES) * LANES;
  let block = id.x / (OUT4 / LANES);
  let n0 = block / (H / ROWS) * SAMPLES;
  let i0 = block % (H / ROWS) * ROWS;
  let lane = thread % LANES;
  let square = thread / LANES;
  let across = select(square % ACROSS, square / DOWN, BELOW == 1u);
  let row = select(square / ACROSS, square % DOWN, BELOW == 1u) * TH;
  let x_row = row % ROWS * S;
  let top = row / ROWS * SPAN + x_row * PAIRS + free_above(x_row) + across * (S * TW / 2u);
  // Between the thread's square and the rows that it has in common with the one below.
  let free = free_above(x_row + STEP) - free_above(x_row);

  var sum: Sums;
  let b = bias_of(first + lane);
  // @unroll
  for (var s = 0u; s < TH * TW; s++) {
    sum[s] = b;
  }
  for (var c = 0u; c < C4; c++) {
    for (var u0 = 0u; u0 < 4u; u0 += UNITS) {
      workgroupBarrier();
      if (u0 == 0u) {
        for (var t = thread; t < SAMPLES * TAKEN * PAIRS; t += GROUP) {
          let n = t / (TAKEN * PAIRS);
          let r = t / PAIRS % TAKEN + FIRST_ROW;
          let j = t % PAIRS;
          let from_row = ((n0 + n) * C4 + c) * XH + S * i0 + r;
          let even = load_activation(x[(from_row * PAIRS + j) * 2u]);
          let odd = load_activation(x[(from_row * PAIRS + j) * 2u + 1u]);
          let at = n * SPAN + r * PAIRS + free_above(r) + j;
          // @unroll
          for (var u = 0u; u < 4; u++) {
            planes[u * PLANE + at] = vec2<f32>(even[u], odd[u]);
          }
        }
      }
      for (var t = thread; t < 9u * UNITS * LANES; t += GROUP) {
        let r = t / LANES;
        let k = first + t % LANES;
        let from_tap = r / UNITS * 4u + u0 + r % UNITS;
        weights[r][t % LANES] = w[((k / 4u * C4 + c) * 36u + from_tap) * 4u + k % 4u];
      }
      workgroupBarrier();
      for (var v = 0u; v < UNITS; v++) {
        let from_plane = (u0 + v) * PLANE + top;
        var xs: array<array<vec2<f32>, READ>, S * (TH - 1u) + 3u>;
        // @unroll
        for (var turn = 0u; turn < 3; turn++) {
          const p = S * turn % 3u;
          // @unroll
          for (var i = 0u; i < TH; i++) {
            const r = S * i + p;
            // The others are there already.
            if (turn == 0u || i == TH - 1u || (S == 2u && p == 1u)) {
              // @unroll
              for (var j = 0u; j < READ; j++) {
                let at = from_plane + r * PAIRS + r / STEP * free + j;
                // Of the last pair at stride 2 the second pixel is the next thread's.
                if (S == 2u && j == READ - 1u) {
                  xs[r][j].x = planes[at].x;
                } else {
                  xs[r][j] = planes[at];
                }
              }
            }
          }
          // @unroll
          for (var q = 0u; q < 3; q++) {
            let wt = weights[(p * 3u + q) * UNITS + v][lane];
            // @unroll
            for (var i = 0u; i < TH; i++) {
              // @unroll
              for (var j = 0u; j < TW; j++) {
                const at = S * j + q;
                sum[i * TW + j] = fma(vec4<f32>(xs[S * i + p][at / 2u][at % 2u]), wt, sum[i * TW + j]);
              }
            }
          }
        }
      }
    }
  }
  finish(&sum, Place(lane, across, row, n0 + row / ROWS, i0 + row % ROWS, first + lane));
}
