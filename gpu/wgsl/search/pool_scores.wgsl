// pool_scores: the score of every column for every row, for pools that are streamed tile by tile.
//   L2: s(i, j) = ½‖y_j‖² − ⟨x_i, y_j⟩;  L1: s(i, j) = Σ_k |x_ik − y_jk|
//
// x [ROWS, K4, 4];  y [COLUMNS, K4, 4], what is bound of the columns;  start [all columns]: ½‖y_j‖² or 0
// pool [ROWS, WIDTH / 4] of vec4, WIDTH being all columns
// K4: components / 4;  TILE columns a tile, of which the first params.columns count;  a thread computes R rows by C columns at a time
#include "rows"
#include "columns"
@group(0) @binding(2) var<storage, read> start: array<vec4<f32>, WIDTH / 4u>;
@group(0) @binding(3) var<storage, read_write> pool: array<vec4<f32>, ROWS * WIDTH / 4u>;

struct Params {
  first_tile: u32,
  columns: u32,
}
@group(0) @binding(4) var<uniform> params: Params;

#include "add_terms"

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.x * R;
  let tile = params.first_tile + id.y;
  for (var first = 0u; first < params.columns; first += C) {
    let column = id.y * TILE + first;
#include "row_scores"
    let at = (tile * TILE + first) / 4u;
    // @unroll
    for (var q = 0u; q < C / 4; q++) {
      let s0 = start[at + q];
      // @unroll
      for (var r = 0u; r < R; r++) {
        pool[(row + r) * (WIDTH / 4u) + at + q] = s0 + vec4<f32>(
          scores[(q * 4u + 0u) * R + r],
          scores[(q * 4u + 1u) * R + r],
          scores[(q * 4u + 2u) * R + r],
          scores[(q * 4u + 3u) * R + r],
        );
      }
    }
  }
}
