// view_distances: d(x, y) = √(‖x − y‖² + ε), ε = SQUARE_EPSILON, of all left views (rows 2i), of all right ones (2i + 1), and of left with right.
//   distances[0] = LL, distances[1] = RR, distances[2] = LR: [N, N] each, [i, j] at i·N + j
//
// x descriptors [B, D, L]; N classes of two rows; D = DIMENSION components; L = 32 rows a block
// one invocation class i against COLUMNS classes j, so that a load of its rows serves them all; squares in the order of
// components, and of differences, because 1 − ⟨x, y⟩ of near rows has few digits

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> distances: array<f32>;

struct Params { classes: u32 }
@group(0) @binding(2) var<uniform> params: Params;

/// Place of a row's first component; the next one is L further on.
fn place(row: u32) -> u32 {
  return (row / L) * DIMENSION * L + row % L;
}

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  let first = id.y * COLUMNS;
  let n = params.classes;
  if (i < n) {
    var squares = array<vec3<f32>, COLUMNS>();
    // A class's two rows stand side by side in a block.
    let own = place(2u * i);
    var others = array<u32, COLUMNS>();
    // @unroll
    for (var c = 0; c < COLUMNS; c++) {
      others[c] = place(2u * min(first + c, n - 1u));
    }
    for (var k = 0u; k < DIMENSION; k++) {
      let left = x[own + k * L];
      let right = x[own + k * L + 1u];
      // @unroll
      for (var c = 0; c < COLUMNS; c++) {
        let other_left = x[others[c] + k * L];
        let other_right = x[others[c] + k * L + 1u];
        let apart = vec3<f32>(left, right, left) - vec3<f32>(other_left, other_right, other_right);
        squares[c] = fma(apart, apart, squares[c]);
      }
    }
    // @unroll
    for (var c = 0; c < COLUMNS; c++) {
      let j = first + c;
      if (j < n) {
        let d = sqrt(squares[c] + vec3<f32>(SQUARE_EPSILON));
        distances[i * n + j] = d.x;
        distances[(n + i) * n + j] = d.y;
        distances[(2u * n + i) * n + j] = d.z;
      }
    }
  }
}
