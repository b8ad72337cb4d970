// dense_shared: c[n,o] = Σ_k a[n,k] · w[k,o], or with wᵀ: dense, and its input gradient, by workgroups that share what they read.
//   a [ALL, IN4, 4], read from row `first_row` on;  w [4·IN4, 4·OUT4], or [4·OUT4, 4·IN4] where it is TRANSPOSED
//   c [PARTS, count, OUT4, 4], written from row `first_result` on: sums over a part of k each, dispatched along y
//
// IN4, OUT4: terms of a sum, columns / 4;  PART4: terms of a part / 4;  count: rows
// A workgroup computes ROWS rows by 4·ACROSS columns. For every SLAB4 blocks of four terms it takes its part of a and of w into
// workgroup memory. ROW, from row to row there, and `place` see to it that neighbouring threads meet other banks. One thread
// computes TN rows by TO blocks of four columns, AT_ONCE terms of its rows at a time; its sums run over k. Rows that are not
// there are computed as the last one and left out.

const LANES: u32 = ACROSS / TO;
const BESIDE: u32 = GROUP / LANES;
const ROWS: u32 = BESIDE * TN;

#include "activation"
#include "terms"

@group(0) @binding(0) var<storage, read> a: array<Activation>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4<f32>>;

struct Params {
  IN4: u32,
  OUT4: u32,
  PART4: u32,
  count: u32,
  first_row: u32,
  first_result: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> rows: array<array<Terms, ROW>, ROWS>;
var<workgroup> columns: array<array<vec4<f32>, ACROSS>, 4u * SLAB4>;

// Where the columns of four terms lie: threads that turn neighbouring blocks about store to other banks, whatever their terms.
fn place(column4: u32, terms4: u32) -> u32 {
  return column4 ^ (2u * terms4);
}

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let IN4 = params.IN4;
  let OUT4 = params.OUT4;
  let last = params.count - 1u;
  // Workgroups that read the same rows follow each other.
  let first = id.x % (OUT4 / ACROSS) * ACROSS;
  let n0 = id.x / (OUT4 / ACROSS) * ROWS;
  let lane = thread % LANES;
  let beside = thread / LANES;

  var sum: array<vec4<f32>, TN * TO>;
  // @unroll
  for (var s = 0u; s < TN * TO; s++) {
    sum[s] = vec4<f32>(0.0);
  }
  let end = (id.y + 1u) * params.PART4;
  for (var k = id.y * params.PART4; k < end; k += SLAB4) {
    workgroupBarrier();
    for (var t = thread; t < ROWS * SLAB4; t += GROUP) {
      let n = params.first_row + min(n0 + t / SLAB4, last);
      let v = load_activation(a[n * IN4 + k + t % SLAB4]);
      // @unroll
      for (var h = 0u; h < 4 / AT_ONCE; h++) {
        rows[t / SLAB4][h * SLAB4 + t % SLAB4] = terms_of(v, h);
      }
    }
    if (TRANSPOSED == 1u) {
      // A thread turns blocks of four columns by four terms about.
      for (var t = thread; t < SLAB4 * ACROSS; t += GROUP) {
        let o = t / SLAB4;
        let j = t % SLAB4;
        let at = 4u * (first + o) * IN4 + k + j;
        let w0 = w[at];
        let w1 = w[at + IN4];
        let w2 = w[at + 2u * IN4];
        let w3 = w[at + 3u * IN4];
        // @unroll
        for (var u = 0u; u < 4; u++) {
          columns[4u * j + u][place(o, j)] = vec4<f32>(w0[u], w1[u], w2[u], w3[u]);
        }
      }
    } else {
      for (var t = thread; t < 4u * SLAB4 * ACROSS; t += GROUP) {
        let term = t / ACROSS;
        let o = t % ACROSS;
        columns[term][place(o, term / 4u)] = w[(4u * k + term) * OUT4 + first + o];
      }
    }
    workgroupBarrier();
    for (var j = 0u; j < SLAB4; j++) {
      let own = place(lane, j);
      // @unroll
      for (var h = 0u; h < 4 / AT_ONCE; h++) {
        var v: array<Terms, TN>;
        // @unroll
        for (var i = 0u; i < TN; i++) {
          v[i] = rows[i * BESIDE + beside][h * SLAB4 + j];
        }
        // @unroll
        for (var u = 0u; u < AT_ONCE; u++) {
          // @unroll
          for (var q = 0u; q < TO; q++) {
            let wt = columns[4u * j + h * AT_ONCE + u][q * LANES + own];
            // @unroll
            for (var i = 0u; i < TN; i++) {
              sum[i * TO + q] = fma(vec4<f32>(v[i][u]), wt, sum[i * TO + q]);
            }
          }
        }
      }
    }
  }
  // @unroll
  for (var i = 0u; i < TN; i++) {
    let n = n0 + i * BESIDE + beside;
    if (n <= last) {
      let at = (id.y * params.count + params.first_result + n) * OUT4 + first + lane;
      // @unroll
      for (var q = 0u; q < TO; q++) {
        c[at + q * LANES] = sum[i * TO + q];
      }
    }
  }
}
