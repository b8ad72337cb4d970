// winograd_output_gradient: ∂m[ξ,k,t] = (A ∂y Aᵀ)[ξ] of every 4×4 tile t of ∂y, 36 points ξ.
//   ∂y [N, OUT4, H+2, W+2, 4] with a border of one pixel, read from sample `first_sample` on
//   ∂m [36, OUT4, tiles, 4]: tiles by sample, row, column
//
// OUT4: channels / 4;  H, W: rows, columns without the border;  tiles: what ∂m has room for
// One thread computes one tile of four channels.

#include "winograd"

@group(0) @binding(0) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> dm: array<vec4<f32>>;

struct Params {
  OUT4: u32,
  H: u32,
  W: u32,
  tiles: u32,
  first_sample: u32,
}
@group(0) @binding(2) var<uniform> params: Params;

fn column(at: u32, YW: u32) -> array<vec4<f32>, 6> {
  return gradient_to_points(array<vec4<f32>, 4>(dy[at], dy[at + YW], dy[at + 2u * YW], dy[at + 3u * YW]));
}

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let OUT4 = params.OUT4;
  let tiles_x = params.W / 4u;
  let tiles_y = params.H / 4u;
  let point = OUT4 * params.tiles;
  let tile_x = id.x % tiles_x;
  let tile_y = id.x / tiles_x % tiles_y;
  let k = id.x / (tiles_x * tiles_y) % OUT4;
  let n = id.x / (tiles_x * tiles_y * OUT4);
  let YW = params.W + 2u;
  let y_row = ((params.first_sample + n) * OUT4 + k) * (params.H + 2u) + tile_y * 4u + 1u;
  let y_at = y_row * YW + tile_x * 4u + 1u;
  let m_at = k * params.tiles + (n * tiles_y + tile_y) * tiles_x + tile_x;
  let c0 = column(y_at, YW);
  let c1 = column(y_at + 1u, YW);
  let c2 = column(y_at + 2u, YW);
  let c3 = column(y_at + 3u, YW);
  // @unroll
  for (var i = 0u; i < 6; i++) {
    let p = gradient_to_points(array<vec4<f32>, 4>(c0[i], c1[i], c2[i], c3[i]));
    // @unroll
    for (var j = 0u; j < 6; j++) {
      dm[m_at + (i * 6u + j) * point] = p[j];
    }
  }
}
