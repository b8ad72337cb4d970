// winograd_output_gradient: ∂m[ξ,k,t] = (A ∂y Aᵀ)[ξ] of every 4×4 tile t of ∂y, 36 points ξ.
//   ∂y [N, OUT4, H+2, W+2, 4] with a border of one pixel, read from sample `first_sample` on
//   ∂m [36, OUT4, TILES, 4]: tiles by sample, row, column
//
// OUT4: channels / 4;  H, W: rows, columns without the border;  TILES: tiles that ∂m has room for
// One thread computes one tile of four channels.

#include "winograd"

const YW: u32 = W + 2u;
const TILES_X: u32 = W / 4u;
const TILES_Y: u32 = H / 4u;
const POINT: u32 = OUT4 * TILES;

@group(0) @binding(0) var<storage, read> dy: array<vec4<f32>, N * OUT4 * (H + 2u) * YW>;
@group(0) @binding(1) var<storage, read_write> dm: array<vec4<f32>, 36u * POINT>;

struct Params {
  first_sample: u32,
}
@group(0) @binding(2) var<uniform> params: Params;

fn column(at: u32) -> array<vec4<f32>, 6> {
  return gradient_to_points(array<vec4<f32>, 4>(dy[at], dy[at + YW], dy[at + 2u * YW], dy[at + 3u * YW]));
}

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let tile_x = id.x % TILES_X;
  let tile_y = id.x / TILES_X % TILES_Y;
  let k = id.x / (TILES_X * TILES_Y) % OUT4;
  let n = id.x / (TILES_X * TILES_Y * OUT4);
  let y_at = (((params.first_sample + n) * OUT4 + k) * (H + 2u) + tile_y * 4u + 1u) * YW + tile_x * 4u + 1u;
  let m_at = k * TILES + (n * TILES_Y + tile_y) * TILES_X + tile_x;
  let c0 = column(y_at);
  let c1 = column(y_at + 1u);
  let c2 = column(y_at + 2u);
  let c3 = column(y_at + 3u);
  // @unroll
  for (var i = 0u; i < 6; i++) {
    let p = gradient_to_points(array<vec4<f32>, 4>(c0[i], c1[i], c2[i], c3[i]));
    // @unroll
    for (var j = 0u; j < 6; j++) {
      dm[m_at + (i * 6u + j) * POINT] = p[j];
    }
  }
}
