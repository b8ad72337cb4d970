// conv3x3_transposed_square: the input gradient of a convolution of stride 2 by workgroups that share what they read, for threads of few registers:
//   ∂x[n,k,i,j] = Σ_{c,p,q} w[c,k,p,q] · ∂y[n,c,(i+1−p)/2,(j+1−q)/2] over the p, q that divide.
//   ∂y [N, C4, H/2+2, W/2+2, 4] with its border of one zero pixel;  ∂x [N, OUT4, H, W, 4]
//   w [OUT4/2, C4, 3, 3, 4, 8]: channels of ∂x innermost
//
// C4: channels of ∂y / 4;  OUT4: channels of ∂x / 4;  H, W: rows, columns of ∂x
// A workgroup computes ROWS rows of SAMPLES samples, 4·LANES channels of each. For every block of four channels of ∂y it takes its window,
// a channel a plane and two pixels a vec2, and the weights into workgroup memory. Pixels of ∂x meet one, two or four of the nine taps, by
// the parity of row and column. Of a block of 4 × 8 pixels of four channels one thread sums those whose row and column are both even or
// both odd, which meet five taps together, and one of the other half of the workgroup the others, which meet four; in every second
// workgroup the halves change places. So a weight serves eight pixels, and no subgroup does what another of its threads need not. Sums
// run over c, then over the rows of taps, then over their columns; few rows of ∂y are in registers at once. Then the two threads
// exchange half of their sums, so that each has TH × TW pixels side by side. What becomes of them the included output says: they are
// written to ∂x, or are ∂y of a normalisation.

const ACROSS: u32 = W / TW;
const PAIRS: u32 = W / 4u + 1u;
const YROWS: u32 = ROWS / 2u + 1u;
// Rows and vec2 of a row of ∂y to take: for an output that wants whole maps not those of the border, which stand at zero in workgroup
// memory from the start.
const TAKEN: u32 = select(YROWS, ROWS / 2u, SUMS > 0u);
const TAKEN_PAIRS: u32 = select(PAIRS, PAIRS - 1u, SUMS > 0u);
// vec2 of a plane of one sample, and of all.
const SPAN: u32 = YROWS * PAIRS + YROWS / 4u * 16u + 1u;
const PLANE: u32 = SAMPLES * SPAN;
const PARTNERS: u32 = GROUP / 2u;

#include "activation"

@group(0) @binding(0) var<storage, read> dy: array<Activation>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;

// The sums of a thread: of row i of TH and pixel j of TW at i·TW + j, at last.
alias Sums = array<vec4<f32>, TH * TW>;

#include "place"
#include "output"

// SPACE: of the four planes, of two vec4 that each thread exchanges, or of the sums below, whichever take most.
var<workgroup> planes: array<vec2<f32>, SPACE>;
var<workgroup> weights: array<array<vec4<f32>, LANES>, 36>;

// Where row r of a plane begins, in vec2: some are left free behind every two rows, one and fifteen in turn, so that threads below each
// other and those beside them read other banks.
fn place_of_row(r: u32) -> u32 {
  return r * PAIRS + r / 4u * 16u + r / 2u % 2u;
}

// Five pixels of a row. Of the last row half of the threads need but four: compilers leave the fifth out there.
fn pixels_of(at: u32) -> array<f32, 5> {
  let near = planes[at];
  let next = planes[at + 1u];
  return array<f32, 5>(near.x, near.y, next.x, next.y, planes[at + 2u].x);
}

fn place_of(kind: u32, row: u32, lane: u32) -> u32 {
  return ((kind * 4u + row % 4u) * (SAMPLES * ROWS / 4u) + row / 4u) * LANES + lane;
}

#include "row_sums"

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let C4 = params.C4;
  let OUT4 = params.OUT4;
  let H = params.H;
  // Workgroups that read the same pixels follow each other.
  let first = id.x % (OUT4 / LANES) * LANES;
  let block = id.x / (OUT4 / LANES);
  let n0 = block / (H / ROWS) * SAMPLES;
  let i0 = block % (H / ROWS) * ROWS;
  // Whether the rows and columns of the thread's pixels are of different parity.
  let differ = (thread / PARTNERS + block) % 2u;
  let lane = thread % LANES;
  // The threads that follow have the blocks of pixels below.
  let square = thread % PARTNERS / LANES;
  let down = square % (SAMPLES * ROWS / 4u) * 4u;
  let across = square / (SAMPLES * ROWS / 4u);
  let y_row = down % ROWS / 2u;
  let top = down / ROWS * SPAN + across * (TW / 4u);

  // Of row i of four and pixel j of its four that the thread has, at 4·i + j.
  var sum: Sums;
  // @unroll
  for (var s = 0u; s < 16; s++) {
    sum[s] = vec4<f32>(0.0);
  }
  for (var c = 0u; c < C4; c++) {
    workgroupBarrier();
    for (var t = thread; t < SAMPLES * TAKEN * TAKEN_PAIRS; t += GROUP) {
      let n = t / (TAKEN * TAKEN_PAIRS);
      let r = t / TAKEN_PAIRS % TAKEN;
      let j = 2u * (t % TAKEN_PAIRS);
      let from_row = ((n0 + n) * C4 + c) * (H / 2u + 2u) + i0 / 2u + 1u + r;
      let near = load_activation(dy[from_row * (W / 2u + 2u) + 1u + j]);
      let next = load_activation(dy[from_row * (W / 2u + 2u) + 1u + min(j + 1u, W / 2u)]);
      let at = n * SPAN + place_of_row(r) + t % TAKEN_PAIRS;
      // @unroll
      for (var u = 0u; u < 4; u++) {
        planes[u * PLANE + at] = vec2<f32>(near[u], next[u]);
      }
    }
    for (var t = thread; t < 36u * LANES; t += GROUP) {
      let k = first + t % LANES;
      weights[t / LANES][t % LANES] = w[((k / 2u * C4 + c) * 36u + t / LANES) * 2u + k % 2u];
    }
    workgroupBarrier();
    for (var u = 0u; u < 4u; u++) {
      let from_plane = u * PLANE + top;
      // Five pixels of three rows of ∂y. Row 0 of the taps meets the pixel below, the others the near one; columns alike.
      var ds: array<array<f32, 5>, 3>;
      if (differ == 0u) {
        // @unroll
        for (var a = 0u; a < 2; a++) {
          // @unroll
          for (var r = 1u - a; r < 3 - 2 * a; r++) {
            ds[r] = pixels_of(from_plane + place_of_row(y_row + r));
          }
          // @unroll
          for (var b = 0u; b < 2; b++) {
            let wt = weights[(2u * a * 3u + 2u * b) * 4u + u][lane];
            // @unroll
            for (var i = 0u; i < 2; i++) {
              // @unroll
              for (var j = 0u; j < 4; j++) {
                sum[i * 8u + 4u + j] = fma(vec4<f32>(ds[i + 1u - a][j + 1u - b]), wt, sum[i * 8u + 4u + j]);
              }
            }
          }
        }
        let wt = weights[16u + u][lane];
        // @unroll
        for (var i = 0u; i < 2; i++) {
          // @unroll
          for (var j = 0u; j < 4; j++) {
            sum[i * 8u + j] = fma(vec4<f32>(ds[i][j]), wt, sum[i * 8u + j]);
          }
        }
      } else {
        // @unroll
        for (var a = 0u; a < 2; a++) {
          // @unroll
          for (var r = 1u - a; r < 3 - 2 * a; r++) {
            ds[r] = pixels_of(from_plane + place_of_row(y_row + r));
          }
          let wt = weights[(2u * a * 3u + 1u) * 4u + u][lane];
          // @unroll
          for (var i = 0u; i < 2; i++) {
            // @unroll
            for (var j = 0u; j < 4; j++) {
              sum[i * 8u + 4u + j] = fma(vec4<f32>(ds[i + 1u - a][j]), wt, sum[i * 8u + 4u + j]);
            }
          }
        }
        // @unroll
        for (var b = 0u; b < 2; b++) {
          let wt = weights[(3u + 2u * b) * 4u + u][lane];
          // @unroll
          for (var i = 0u; i < 2; i++) {
            // @unroll
            for (var j = 0u; j < 4; j++) {
              sum[i * 8u + j] = fma(vec4<f32>(ds[i][j + 1u - b]), wt, sum[i * 8u + j]);
            }
          }
        }
      }
    }
  }
  // The one keeps the first two rows and gets what it lacks of them, the other the last two.
  var got: array<vec4<f32>, 8>;
  let partner = (thread + PARTNERS) % GROUP;
  // @unroll
  for (var round = 0u; round < 4; round++) {
    workgroupBarrier();
    // @unroll
    for (var e = 0u; e < 2; e++) {
      const s = 2u * round + e;
      let given = select(sum[8u + s], sum[s], differ == 1u);
      planes[2u * e * GROUP + thread] = given.xy;
      planes[(2u * e + 1u) * GROUP + thread] = given.zw;
    }
    workgroupBarrier();
    // @unroll
    for (var e = 0u; e < 2; e++) {
      got[2u * round + e] = vec4<f32>(planes[2u * e * GROUP + partner], planes[(2u * e + 1u) * GROUP + partner]);
    }
  }
  var side: Sums;
  // @unroll
  for (var s = 0u; s < 8; s++) {
    let own = select(sum[s], sum[8u + s], differ == 1u);
    const even = s / 4 * TW + s % 4 * 2;
    side[even + s / 4] = select(own, got[s], differ == 1u);
    side[even + 1u - s / 4] = select(got[s], own, differ == 1u);
  }
  let row = down + 2u * differ;
  finish(&side, Place(lane, across, row, n0 + row / ROWS, i0 + row % ROWS, first + lane));
}
