// winograd_weights: u = G w′ Gᵀ, the 36 points of every 3×3 kernel w′[k,c,p,q] = w[c,k,2−p,2−q] of the input gradient.
//   w [C4/4, OUT4, 3, 3, 4, 16];  u [36, OUT4/K4, C4, 4, 4·K4]
//
// C4, OUT4: input, output channels / 4 of u;  K4: output channels / 4 that lie together
// One thread computes one input and four output channels.

#include "winograd"

@group(0) @binding(0) var<storage, read> w: array<f32>;
@group(0) @binding(1) var<storage, read_write> u: array<vec4<f32>>;

struct Params {
  C4: u32,
  OUT4: u32,
}
@group(0) @binding(2) var<uniform> params: Params;

// The weights of output channels k … k + 3 for input channel c.
fn four(k: u32, c: u32, tap: u32) -> vec4<f32> {
  let at = (((c / 16u) * params.OUT4 + k / 4u) * 9u + 8u - tap) * 64u + c % 16u;
  return vec4<f32>(w[at], w[at + 16u], w[at + 32u], w[at + 48u]);
}

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let C4 = params.C4;
  let OUT4 = params.OUT4;
  let k4 = id.x % OUT4;
  let c = id.x / OUT4;
  var columns: array<array<vec4<f32>, 6>, 3>;
  // @unroll
  for (var q = 0u; q < 3; q++) {
    columns[q] = weights_to_points(array<vec4<f32>, 3>(four(k4 * 4u, c, q), four(k4 * 4u, c, 3u + q), four(k4 * 4u, c, 6u + q)));
  }
  let u_at = (k4 / K4) * (C4 * 4u * K4) + c * K4 + k4 % K4;
  // @unroll
  for (var i = 0u; i < 6; i++) {
    let row = weights_to_points(array<vec4<f32>, 3>(columns[0][i], columns[1][i], columns[2][i]));
    // @unroll
    for (var j = 0u; j < 6; j++) {
      u[u_at + (i * 6u + j) * (OUT4 * C4 * 4u)] = row[j];
    }
  }
}
