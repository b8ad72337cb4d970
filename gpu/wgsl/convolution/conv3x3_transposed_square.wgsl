// conv3x3_transposed_square: the input gradient of a convolution of stride 2 by workgroups that share what they read, for threads of few registers:
//   ∂x[n,k,i,j] = Σ_{c,p,q} w[c,k,p,q] · ∂y[n,c,(i+1−p)/2,(j+1−q)/2] over the p, q that divide.
//   ∂y [N, C4, H+2, W+2, 4] with its border of one zero pixel;  ∂x [N, OUT4, 2H, 2W, 4]
//   w [OUT4/2, C4, 3, 3, 4, 8]: channels of ∂x innermost
//
// C4: channels of ∂y / 4;  OUT4: channels of ∂x / 4;  H, W: rows, columns of ∂y
// A workgroup computes the pixels of one parity, rows and columns odd or even, above ROWS rows of ∂y of SAMPLES samples, 4·LANES
// channels of ∂x. For every block of four channels of ∂y it takes its window, a channel a plane and two pixels a vec2, and the weights of
// its parity's taps into workgroup memory. One thread computes TH × TW pixels of four channels, a square of that parity, so that every
// weight it reads serves all of them. Its sums run over c, then over the rows of taps, then over their columns.

const ACROSS: u32 = W / TW;
const PAIRS: u32 = W / 2u + 1u;
const YROWS: u32 = ROWS + 1u;
const PLANE: u32 = SAMPLES * YROWS;

@group(0) @binding(0) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> dx: array<vec4<f32>>;

struct Params {
  C4: u32,
  OUT4: u32,
  H: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> planes: array<array<vec2<f32>, PAIRS>, 4u * PLANE>;
// Of four taps at most.
var<workgroup> weights: array<array<vec4<f32>, LANES>, 16>;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let C4 = params.C4;
  let OUT4 = params.OUT4;
  let H = params.H;
  // Workgroups that read the same pixels follow each other.
  let parity = id.x % 4u;
  let first = id.x / 4u % (OUT4 / LANES) * LANES;
  let block = id.x / 4u / (OUT4 / LANES);
  let n0 = block / (H / ROWS) * SAMPLES;
  let i0 = block % (H / ROWS) * ROWS;
  let lane = thread % LANES;
  let left = thread / LANES % ACROSS * TW;
  let rows = thread / (LANES * ACROSS) * TH;
  let top = rows / ROWS * YROWS + rows % ROWS;
  let odd_row = parity / 2u;
  let odd_column = parity % 2u;

  var sum: array<vec4<f32>, TH * TW>;
  // @unroll
  for (var s = 0u; s < TH * TW; s++) {
    sum[s] = vec4<f32>(0.0);
  }
  for (var c = 0u; c < C4; c++) {
    workgroupBarrier();
    for (var t = thread; t < PLANE * PAIRS; t += GROUP) {
      let r = t / PAIRS;
      let j = 2u * (t % PAIRS);
      let from_row = ((n0 + r / YROWS) * C4 + c) * (H + 2u) + i0 + 1u + r % YROWS;
      let near = dy[from_row * (W + 2u) + 1u + j];
      let next = dy[from_row * (W + 2u) + 1u + min(j + 1u, W)];
      // @unroll
      for (var u = 0u; u < 4; u++) {
        planes[u * PLANE + r][t % PAIRS] = vec2<f32>(near[u], next[u]);
      }
    }
    for (var t = thread; t < (1u + odd_row) * (1u + odd_column) * 4u * LANES; t += GROUP) {
      let r = t / LANES;
      let k = first + t % LANES;
      // Odd rows meet rows 0 and 2 of the taps, even ones row 1; columns alike.
      let p = select(1u, r / 4u / (1u + odd_column) * 2u, odd_row == 1u);
      let q = select(1u, r / 4u % 2u * 2u, odd_column == 1u);
      weights[r][t % LANES] = w[((k / 2u * C4 + c) * 36u + (p * 3u + q) * 4u + r % 4u) * 2u + k % 2u];
    }
    workgroupBarrier();
    for (var u = 0u; u < 4u; u++) {
      let from_plane = u * PLANE + top;
      var ds: array<array<vec2<f32>, TW / 2u + 1u>, TH + 1u>;
      // @unroll
      for (var one = 0u; one < 4; one++) {
        if (parity == one) {
          // @unroll
          for (var i = 0u; i < TH + one / 2; i++) {
            // @unroll
            for (var j = 0u; j < TW / 2 + one % 2; j++) {
              ds[i][j] = planes[from_plane + i][left / 2u + j];
            }
          }
          // Row 0 of the taps meets the pixel below, the others the near one; columns alike.
          // @unroll
          for (var a = 0u; a < 1 + one / 2; a++) {
            // @unroll
            for (var b = 0u; b < 1 + one % 2; b++) {
              let wt = weights[(a * (1u + one % 2u) + b) * 4u + u][lane];
              // @unroll
              for (var i = 0u; i < TH; i++) {
                // @unroll
                for (var j = 0u; j < TW; j++) {
                  const r = i + one / 2u - a;
                  const at = j + one % 2u - b;
                  sum[i * TW + j] = fma(vec4<f32>(ds[r][at / 2u][at % 2u]), wt, sum[i * TW + j]);
                }
              }
            }
          }
        }
      }
    }
  }
  let n = n0 + rows / ROWS;
  // @unroll
  for (var i = 0u; i < TH; i++) {
    let row = 2u * (i0 + rows % ROWS + i) + odd_row;
    let x0 = ((n * OUT4 + first + lane) * (2u * H) + row) * (2u * W) + 2u * left + odd_column;
    // @unroll
    for (var j = 0u; j < TW; j++) {
      dx[x0 + 2u * j] = sum[i * TW + j];
    }
  }
}
