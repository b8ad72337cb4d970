// hardest_negative_tile: per row the nearest row of another label among the columns of one tile, after the rows
// that earlier rounds took.
//   d(i, j) = √(|2·(1 − ⟨x_i, x_j⟩)| + 1e-6)
//   candidates: label(j) ≠ label(i) and (d, j) > (last_distance_i, last_index_i), d first; with OTHER_VIEW = 1 only
//   those whose number is odd where i is even, and even where it is odd
// Before the first round the last negative is (0.008, 2³² − 1), so that nearer rows never count.
//
// x descriptors [B, D, L/4] of vec4 (4 rows); class_of_row [≥ n]
// last_distance, last_index: [B·L/4] of vec4, the negatives of the round before
// tile_distance, tile_index: [tiles, B·L/4] of vec4; NONE where a tile has no candidate
// n rows; D = DIMENSION components; L = 32 rows a block; B blocks of rows
// An invocation holds VECTORS vec4 of rows against COLUMNS columns at a time: the sums stay in registers, and a
// load of rows serves all columns. Columns run upwards, so a strict < keeps the first index.

@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> class_of_row: array<u32>;
@group(0) @binding(2) var<storage, read> last_distance: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> last_index: array<vec4<u32>>;
@group(0) @binding(4) var<storage, read_write> tile_distance: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> tile_index: array<vec4<u32>>;

struct Params {
  n: u32,
  blocks: u32,
  tile_blocks: u32,
}
@group(0) @binding(6) var<uniform> params: Params;

const L4: u32 = L / 4u;
const GROUPS: u32 = L4 / VECTORS;
const COLUMNS: u32 = 8u;

fn label_of(row: u32) -> u32 {
  return class_of_row[min(row, params.n - 1u)];
}

fn labels_of(row: u32) -> vec4<u32> {
  return vec4<u32>(label_of(row), label_of(row + 1u), label_of(row + 2u), label_of(row + 3u));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let tile = id.y;
  if (id.x < params.blocks * GROUPS) {
    let row_block = id.x / GROUPS;
    let row_lane = (id.x % GROUPS) * VECTORS;
    let row_vector = row_block * L4 + row_lane;
    var labels: array<vec4<u32>, VECTORS>;
    var floors: array<vec4<f32>, VECTORS>;
    var floor_indices: array<vec4<u32>, VECTORS>;
    var best: array<vec4<f32>, VECTORS>;
    var best_index: array<vec4<u32>, VECTORS>;
    // @unroll
    for (var v = 0; v < VECTORS; v++) {
      labels[v] = labels_of((row_vector + v) * 4u);
      floors[v] = last_distance[row_vector + v];
      floor_indices[v] = last_index[row_vector + v];
      best[v] = vec4<f32>(FAR);
      best_index[v] = vec4<u32>(NONE);
    }
    let end = min((tile + 1u) * params.tile_blocks * L, params.n);
    for (var column = tile * params.tile_blocks * L; column < end; column += COLUMNS) {
      // The initial value is written out: naga clears a variable declared in a loop only once without it.
      var products = array<vec4<f32>, VECTORS * COLUMNS>();
      var at_row = row_block * DIMENSION * L4 + row_lane;
      var at_column = (column / L) * DIMENSION * L4 + (column % L) / 4u;
      for (var k = 0u; k < DIMENSION; k++) {
        let c0 = x[at_column];
        let c1 = x[at_column + 1u];
        // @unroll
        for (var v = 0; v < VECTORS; v++) {
          let r = x[at_row + v];
          products[v * 8u + 0u] = fma(r, vec4<f32>(c0.x), products[v * 8u + 0u]);
          products[v * 8u + 1u] = fma(r, vec4<f32>(c0.y), products[v * 8u + 1u]);
          products[v * 8u + 2u] = fma(r, vec4<f32>(c0.z), products[v * 8u + 2u]);
          products[v * 8u + 3u] = fma(r, vec4<f32>(c0.w), products[v * 8u + 3u]);
          products[v * 8u + 4u] = fma(r, vec4<f32>(c1.x), products[v * 8u + 4u]);
          products[v * 8u + 5u] = fma(r, vec4<f32>(c1.y), products[v * 8u + 5u]);
          products[v * 8u + 6u] = fma(r, vec4<f32>(c1.z), products[v * 8u + 6u]);
          products[v * 8u + 7u] = fma(r, vec4<f32>(c1.w), products[v * 8u + 7u]);
        }
        at_row += L4;
        at_column += L4;
      }
      // Where registers are few, what is known of the rows is loaded anew rather than kept through the sums.
      if (RELOAD == 1u) {
        // @unroll
        for (var v = 0; v < VECTORS; v++) {
          labels[v] = labels_of((row_vector + v) * 4u);
          floors[v] = last_distance[row_vector + v];
          floor_indices[v] = last_index[row_vector + v];
        }
      }
      // @unroll
      for (var c = 0; c < 8; c++) {
        let j = column + c;
        let label = vec4<u32>(label_of(j));
        let counts = vec4<bool>(OTHER_VIEW == 0u) | (vec4<u32>(0u, 1u, 0u, 1u) != vec4<u32>(j & 1u));
        // @unroll
        for (var v = 0; v < VECTORS; v++) {
          let d = sqrt(abs(2.0 * (1.0 - products[v * 8u + c])) + SQUARE_EPSILON);
          let unused = (d > floors[v]) | ((d == floors[v]) & (vec4<u32>(j) > floor_indices[v]));
          let nearer = (labels[v] != label) & counts & unused & (d < best[v]) & vec4<bool>(j < params.n);
          best[v] = select(best[v], d, nearer);
          best_index[v] = select(best_index[v], vec4<u32>(j), nearer);
        }
      }
    }
    // @unroll
    for (var v = 0; v < VECTORS; v++) {
      let at = tile * params.blocks * L4 + row_vector + v;
      tile_distance[at] = best[v];
      tile_index[at] = best_index[v];
    }
  }
}
