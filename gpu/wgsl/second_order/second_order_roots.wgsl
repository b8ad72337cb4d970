// second_order_roots: T_i = √(Σ over the neighbours j of i of (LL_ij − RR_ij)² + ε), added to class i's loss.
//
// distances [3, N, N]; reach_distance, reach_class: [4, N]; roots [N]; terms [N] of vec4, whose x is the loss; ε = SQUARE_EPSILON
// one invocation a class; sums in a fixed order of partial sums

@group(0) @binding(0) var<storage, read> distances: array<f32>;
@group(0) @binding(1) var<storage, read> reach_distance: array<f32>;
@group(0) @binding(2) var<storage, read> reach_class: array<u32>;
@group(0) @binding(3) var<storage, read_write> roots: array<f32>;
@group(0) @binding(4) var<storage, read_write> terms: array<vec4<f32>>;

struct Params { classes: u32 }
@group(0) @binding(5) var<uniform> params: Params;

#include "neighbours"

const PARTIAL: u32 = 64u;

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  let n = params.classes;
  if (i < n) {
    var sum = 0.0;
    for (var start = 0u; start < n; start += PARTIAL) {
      var partial = 0.0;
      for (var j = start; j < min(start + PARTIAL, n); j++) {
        if (are_neighbours(i, j)) {
          let apart = distances[i * n + j] - distances[(n + i) * n + j];
          partial = fma(apart, apart, partial);
        }
      }
      sum += partial;
    }
    let root = sqrt(sum + SQUARE_EPSILON);
    roots[i] = root;
    terms[i].x += root;
  }
}
