// neighbour_reach: how far the NEIGHBOURS nearest negatives of class i reach in each of four lists: its rows of LL, RR and LR and
// its column of LR. (d, j) of the last of them, FAR where there are fewer; d first, and the first class of equals.
//   negatives: j ≠ i and d > SAME_PATCH
//
// distances [3, N, N]; reach_distance, reach_class: [4, N]; one invocation a list

@group(0) @binding(0) var<storage, read> distances: array<f32>;
@group(0) @binding(1) var<storage, read_write> reach_distance: array<f32>;
@group(0) @binding(2) var<storage, read_write> reach_class: array<u32>;

struct Params { classes: u32 }
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  let list = id.y;
  let n = params.classes;
  if (i < n) {
    var nearest: array<f32, NEIGHBOURS>;
    var classes: array<u32, NEIGHBOURS>;
    // @unroll
    for (var s = 0; s < NEIGHBOURS; s++) {
      nearest[s] = FAR;
      classes[s] = 0u;
    }
    for (var j = 0u; j < n; j++) {
      let at = select((list * n + i) * n + j, (2u * n + j) * n + i, list == 3u);
      var d = distances[at];
      var k = j;
      if (j != i && d > SAME_PATCH) {
        // It takes its place, and each that follows moves on by one; equal ones stay before it.
        // @unroll
        for (var s = 0; s < NEIGHBOURS; s++) {
          let goes_before = d < nearest[s];
          let moved_d = nearest[s];
          let moved_k = classes[s];
          nearest[s] = select(moved_d, d, goes_before);
          classes[s] = select(moved_k, k, goes_before);
          d = select(d, moved_d, goes_before);
          k = select(k, moved_k, goes_before);
        }
      }
    }
    reach_distance[list * n + i] = nearest[NEIGHBOURS - 1u];
    reach_class[list * n + i] = classes[NEIGHBOURS - 1u];
  }
}
