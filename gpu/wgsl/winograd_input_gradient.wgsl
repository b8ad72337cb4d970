// winograd_input_gradient: ∂x = Aᵀ m A, one 4×4 tile of every 36 points.
//   m [36, OUT4, TILES, 4];  dx [N, OUT4, H, W, 4], written from sample `first_sample` on
//
// OUT4: channels / 4;  H, W: rows, columns;  TILES: tiles that m has room for
// One thread computes one tile of four channels.

#include "winograd"

const TILES_X: u32 = W / 4u;
const TILES_Y: u32 = H / 4u;
const POINT: u32 = OUT4 * TILES;

@group(0) @binding(0) var<storage, read> m: array<vec4<f32>, 36u * POINT>;
@group(0) @binding(1) var<storage, read_write> dx: array<vec4<f32>, N * OUT4 * H * W>;

struct Params {
  first_sample: u32,
}
@group(0) @binding(2) var<uniform> params: Params;

fn column(at: u32) -> array<vec4<f32>, 4> {
  return from_points(array<vec4<f32>, 6>(
    m[at],
    m[at + 6u * POINT],
    m[at + 12u * POINT],
    m[at + 18u * POINT],
    m[at + 24u * POINT],
    m[at + 30u * POINT],
  ));
}

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let tile_x = id.x % TILES_X;
  let tile_y = id.x / TILES_X % TILES_Y;
  let k = id.x / (TILES_X * TILES_Y) % OUT4;
  let n = id.x / (TILES_X * TILES_Y * OUT4);
  let m_at = k * TILES + (n * TILES_Y + tile_y) * TILES_X + tile_x;
  let c0 = column(m_at);
  let c1 = column(m_at + POINT);
  let c2 = column(m_at + 2u * POINT);
  let c3 = column(m_at + 3u * POINT);
  let c4 = column(m_at + 4u * POINT);
  let c5 = column(m_at + 5u * POINT);
  let dx_at = (((params.first_sample + n) * OUT4 + k) * H + tile_y * 4u) * W + tile_x * 4u;
  // @unroll
  for (var i = 0u; i < 4; i++) {
    let r = from_points(array<vec4<f32>, 6>(c0[i], c1[i], c2[i], c3[i], c4[i], c5[i]));
    // @unroll
    for (var j = 0u; j < 4; j++) {
      dx[dx_at + i * W + j] = r[j];
    }
  }
}
