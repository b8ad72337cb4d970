// pair_distance: distance[p] = ‖x_i − x_j‖ for the rows (i, j) of pair p.
//
// x descriptors [B, D, L]; pairs [count, 2]; distance [count]
// D = DIMENSION components; L = 32 rows a block; one invocation a pair

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> pairs: array<u32>;
@group(0) @binding(2) var<storage, read_write> distance: array<f32>;

struct Params { count: u32 }
@group(0) @binding(3) var<uniform> params: Params;

/// Place of a row's first component; the next one is L further on.
fn place(row: u32) -> u32 {
  return (row / L) * DIMENSION * L + row % L;
}

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let p = id.x;
  if (p < params.count) {
    var at_i = place(pairs[2u * p]);
    var at_j = place(pairs[2u * p + 1u]);
    var squares = 0.0;
    for (var k = 0u; k < DIMENSION; k++) {
      let difference = x[at_i] - x[at_j];
      squares = fma(difference, difference, squares);
      at_i += L;
      at_j += L;
    }
    distance[p] = sqrt(squares);
  }
}
