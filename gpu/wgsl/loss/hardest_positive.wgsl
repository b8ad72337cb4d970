// hardest_positive: per row the farthest row of its own label, itself included; the first on ties.
//   d(i, j) = √(|2·(1 − ⟨x_i, x_j⟩)| + 1e-6)
//
// x descriptors [B, D, L]; class_of_row [≥ n]; first_row_of_class [≥ classes + 1], rows of a class are contiguous
// distance, index: [≥ n], the farthest row's d and number
// n rows; D = DIMENSION components; L = 32 rows a block; one invocation a row

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> class_of_row: array<u32>;
@group(0) @binding(2) var<storage, read> first_row_of_class: array<u32>;
@group(0) @binding(3) var<storage, read_write> distance: array<f32>;
@group(0) @binding(4) var<storage, read_write> index: array<u32>;

struct Params { n: u32 }
@group(0) @binding(5) var<uniform> params: Params;

/// Place of a row's first component; the next one is L further on.
fn place(row: u32) -> u32 {
  return (row / L) * DIMENSION * L + row % L;
}

@compute @workgroup_size(L)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  if (i < params.n) {
    let label = class_of_row[i];
    let end = first_row_of_class[label + 1u];
    var best = -1.0;
    var best_index = i;
    for (var j = first_row_of_class[label]; j < end; j++) {
      var product = 0.0;
      var at_i = place(i);
      var at_j = place(j);
      for (var k = 0u; k < DIMENSION; k++) {
        product = fma(x[at_i], x[at_j], product);
        at_i += L;
        at_j += L;
      }
      let d = sqrt(abs(2.0 * (1.0 - product)) + SQUARE_EPSILON);
      if (d > best) {
        best = d;
        best_index = j;
      }
    }
    distance[i] = best;
    index[i] = best_index;
  }
}
