// second_order_coefficients: what multiplies x_i − x_j in the gradient of ΣT, of the left views and of the right ones.
//   f = (1/T_i + 1/T_j)·(LL_ij − RR_ij) where i and j are neighbours, else 0
//   coefficients[0] = f/LL, coefficients[1] = −f/RR: [N, N] each, symmetric
//
// distances [3, N, N]; reach_distance, reach_class: [4, N]; roots T [N]; one invocation a pair (i, j)

@group(0) @binding(0) var<storage, read> distances: array<f32>;
@group(0) @binding(1) var<storage, read> reach_distance: array<f32>;
@group(0) @binding(2) var<storage, read> reach_class: array<u32>;
@group(0) @binding(3) var<storage, read> roots: array<f32>;
@group(0) @binding(4) var<storage, read_write> coefficients: array<f32>;

struct Params { classes: u32 }
@group(0) @binding(5) var<uniform> params: Params;

#include "neighbours"

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let j = id.x;
  let i = id.y;
  let n = params.classes;
  if (j < n) {
    let left = distances[i * n + j];
    let right = distances[(n + i) * n + j];
    let factor = (1.0 / roots[i] + 1.0 / roots[j]) * (left - right);
    let kept = select(0.0, factor, are_neighbours(i, j));
    coefficients[i * n + j] = kept / left;
    coefficients[(n + i) * n + j] = -kept / right;
  }
}
