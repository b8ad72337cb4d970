// nearest_rows: for each row of x the two smallest scores among the columns of one tile, fused with the scores.
//   L2: s(i, j) = ½‖y_j‖² − ⟨x_i, y_j⟩;  L1: s(i, j) = Σ_k |x_ik − y_jk|
//
// x [ROWS, K4, 4];  y [COLUMNS, K4, 4], what is bound of the columns
// start [all columns]: ½‖y_j‖² or 0; beyond every score for a column that only fills its tile
// nearest [tiles, ROWS]: smallest score, second smallest (the same when two columns tie), column within the tile, 0
// K4: components / 4;  TILE columns a tile, of which the first params.columns count;  a thread computes R rows by C columns at a time
#include "rows"
#include "columns"
@group(0) @binding(2) var<storage, read> start: array<f32>;
@group(0) @binding(3) var<storage, read_write> nearest: array<vec4<f32>>;

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
  var best: array<f32, R>;
  var second: array<f32, R>;
  var best_column: array<u32, R>;
  // @unroll
  for (var r = 0u; r < R; r++) {
    best[r] = FAR;
    second[r] = FAR;
    best_column[r] = 0u;
  }
  for (var first = 0u; first < params.columns; first += C) {
    let column = id.y * TILE + first;
#include "row_scores"
    // @unroll
    for (var c = 0u; c < C; c++) {
      let s0 = start[tile * TILE + first + c];
      // @unroll
      for (var r = 0u; r < R; r++) {
        let s = s0 + scores[c * R + r];
        second[r] = min(second[r], max(s, best[r]));
        best_column[r] = select(best_column[r], first + c, s < best[r]);
        best[r] = min(best[r], s);
      }
    }
  }
  // @unroll
  for (var r = 0u; r < R; r++) {
    nearest[tile * ROWS + row + r] = vec4<f32>(best[r], second[r], f32(best_column[r]), 0.0);
  }
}
