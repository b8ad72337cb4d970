// conv3x3_transposed_shared: the input gradient of a convolution of stride 2 by workgroups that share what they read:
//   ∂x[n,k,i,j] = Σ_{c,p,q} w[c,k,p,q] · ∂y[n,c,(i+1−p)/2,(j+1−q)/2] over the p, q that divide.
//   ∂y [N, C4, H+2, W+2, 4] with its border of one zero pixel;  ∂x [N, OUT4, 2H, 2W, 4]
//   w [OUT4/2, C4, 3, 3, 4, 8]: channels of ∂x innermost
//
// C4: channels of ∂y / 4;  OUT4: channels of ∂x / 4;  H, W: rows, columns of ∂y
// A workgroup computes what lies above ROWS rows of ∂y of SAMPLES samples, 4·LANES channels of ∂x. For every block of four channels
// of ∂y it takes its window and its weights into workgroup memory. One thread computes the 2·TH×2·TW pixels of four channels above
// TH×TW pixels of ∂y. Its sums run as conv3x3_transposed's do: both give the same bits.

const ACROSS: u32 = W / TW;
const COLUMNS: u32 = W + 1u;
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

var<workgroup> window: array<array<vec4<f32>, COLUMNS>, PLANE>;
var<workgroup> weights: array<array<vec4<f32>, LANES>, 36>;

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
  let lane = thread % LANES;
  let left = thread / LANES % ACROSS * TW;
  let rows = thread / (LANES * ACROSS) * TH;
  let top = rows / ROWS * YROWS + rows % ROWS;

  // sum[(parity·TH + row)·TW + column], parity 2·(row odd) + (column odd)
  var sum: array<vec4<f32>, 4u * TH * TW>;
  // @unroll
  for (var s = 0u; s < 4 * TH * TW; s++) {
    sum[s] = vec4<f32>(0.0);
  }
  for (var c = 0u; c < C4; c++) {
    workgroupBarrier();
    for (var t = thread; t < PLANE * COLUMNS; t += GROUP) {
      let r = t / COLUMNS;
      let from_row = ((n0 + r / YROWS) * C4 + c) * (H + 2u) + i0 + 1u + r % YROWS;
      window[r][t % COLUMNS] = dy[from_row * (W + 2u) + 1u + t % COLUMNS];
    }
    for (var t = thread; t < 36u * LANES; t += GROUP) {
      let r = t / LANES;
      let k = first + t % LANES;
      weights[r][t % LANES] = w[((k / 2u * C4 + c) * 36u + r) * 2u + k % 2u];
    }
    workgroupBarrier();
    var ds: array<array<vec4<f32>, TW + 1u>, TH + 1u>;
    // @unroll
    for (var i = 0u; i < TH + 1; i++) {
      // @unroll
      for (var j = 0u; j < TW + 1; j++) {
        ds[i][j] = window[top + i][left + j];
      }
    }
    // @unroll
    for (var tap = 0u; tap < 9; tap++) {
      // Row 0 of the taps meets the pixel below, in odd rows; row 1 the near one, in even rows; row 2 the near
      // one, in odd rows. Columns alike.
      const parity = 2u * u32(tap / 3u != 1u) + u32(tap % 3u != 1u);
      const below = u32(tap / 3u == 0u);
      const right = u32(tap % 3u == 0u);
      // @unroll
      for (var u = 0u; u < 4; u++) {
        let wt = weights[tap * 4u + u][lane];
        // @unroll
        for (var i = 0u; i < TH; i++) {
          // @unroll
          for (var j = 0u; j < TW; j++) {
            const s = (parity * TH + i) * TW + j;
            sum[s] = fma(vec4<f32>(ds[i + below][j + right][u]), wt, sum[s]);
          }
        }
      }
    }
  }
  let n = n0 + rows / ROWS;
  // @unroll
  for (var i = 0u; i < TH; i++) {
    let row = 2u * (i0 + rows % ROWS + i);
    let x0 = ((n * OUT4 + first + lane) * (2u * H) + row) * (2u * W) + 2u * left;
    // @unroll
    for (var j = 0u; j < TW; j++) {
      dx[x0 + 2u * j] = sum[i * TW + j];
      dx[x0 + 2u * j + 1u] = sum[(TH + i) * TW + j];
      dx[x0 + 2u * W + 2u * j] = sum[(2u * TH + i) * TW + j];
      dx[x0 + 2u * W + 2u * j + 1u] = sum[(3u * TH + i) * TW + j];
    }
  }
}
