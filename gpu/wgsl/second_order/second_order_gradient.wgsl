// second_order_gradient: adds to each row's gradient Σ over classes j of coefficient_ij·(x_i − x_j), among the rows of its own view.
//
// x descriptors, gradient: [B, D, L]; coefficients [2, N, N], symmetric
// N classes of two rows; D = DIMENSION components; L = 32 rows a block; one invocation CHUNK components of one row

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> coefficients: array<f32>;
@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;

struct Params { classes: u32 }
@group(0) @binding(3) var<uniform> params: Params;

var<private> own: array<f32, CHUNK>;
var<private> sums: array<f32, CHUNK>;

/// Place of component k of a row; the next one is L further on.
fn place(row: u32, k: u32) -> u32 {
  return ((row / L) * DIMENSION + k) * L + row % L;
}

@compute @workgroup_size(L)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.x;
  let first = id.y * CHUNK;
  let n = params.classes;
  if (row < 2u * n) {
    let i = row / 2u;
    let view = row % 2u;
    let at = place(row, first);
    // @unroll
    for (var k = 0; k < CHUNK; k++) {
      own[k] = x[at + k * L];
      sums[k] = 0.0;
    }
    for (var j = 0u; j < n; j++) {
      let factor = coefficients[(view * n + j) * n + i];
      if (factor != 0.0) {
        let other = place(2u * j + view, first);
        // @unroll
        for (var k = 0; k < CHUNK; k++) {
          sums[k] = fma(factor, own[k] - x[other + k * L], sums[k]);
        }
      }
    }
    // @unroll
    for (var k = 0; k < CHUNK; k++) {
      gradient[at + k * L] += sums[k];
    }
  }
}
