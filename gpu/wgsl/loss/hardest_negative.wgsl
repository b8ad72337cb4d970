// hardest_negative: per row the nearest of its tiles' nearest negatives; the first tile wins a tie.
// A row without any candidate gets the distance FAR and itself as partner.
//
// tile_distance, tile_index: [tiles, rows]; distance, index: [≥ n]
// rows = B·L, n of them real; one invocation a row

@group(0) @binding(0) var<storage, read> tile_distance: array<f32>;
@group(0) @binding(1) var<storage, read> tile_index: array<u32>;
@group(0) @binding(2) var<storage, read_write> distance: array<f32>;
@group(0) @binding(3) var<storage, read_write> index: array<u32>;

struct Params {
  n: u32,
  rows: u32,
  tiles: u32,
}
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(L)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  if (i < params.n) {
    var best = FAR;
    var best_index = i;
    for (var tile = 0u; tile < params.tiles; tile++) {
      let at = tile * params.rows + i;
      let d = tile_distance[at];
      if (d < best) {
        best = d;
        best_index = tile_index[at];
      }
    }
    distance[i] = best;
    index[i] = best_index;
  }
}
