// winograd_weight_gradient: ∂w = Gᵀ ∂u G, the 3×3 kernels' gradients from those of their 36 points.
//   ∂u [36, 4·C4, OUT4, 4];  ∂w [OUT4/4, C4, 3, 3, 4, 16], the order of the weights
//
// C4, OUT4: input, output channels / 4
// One thread computes the nine taps of one input and four output channels.

#include "winograd"

@group(0) @binding(0) var<storage, read> du: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> dw: array<vec4<f32>>;

struct Params {
  C4: u32,
  OUT4: u32,
}
@group(0) @binding(2) var<uniform> params: Params;

fn column(at: u32, point: u32) -> array<vec4<f32>, 3> {
  return weights_from_points(array<vec4<f32>, 6>(
    du[at],
    du[at + 6u * point],
    du[at + 12u * point],
    du[at + 18u * point],
    du[at + 24u * point],
    du[at + 30u * point],
  ));
}

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let OUT4 = params.OUT4;
  let point = 4u * params.C4 * OUT4;
  let k = id.x % OUT4;
  let c = id.x / OUT4;
  let c0 = column(id.x, point);
  let c1 = column(id.x + point, point);
  let c2 = column(id.x + 2u * point, point);
  let c3 = column(id.x + 3u * point, point);
  let c4 = column(id.x + 4u * point, point);
  let c5 = column(id.x + 5u * point, point);
  let w_at = ((k / 4u) * params.C4 + c / 4u) * 144u + c % 4u * 4u + k % 4u;
  // @unroll
  for (var p = 0u; p < 3; p++) {
    let r = weights_from_points(array<vec4<f32>, 6>(c0[p], c1[p], c2[p], c3[p], c4[p], c5[p]));
    // @unroll
    for (var q = 0u; q < 3; q++) {
      dw[w_at + (p * 3u + q) * 16u] = r[q];
    }
  }
}
