// winograd_input_gradient: ∂x = Aᵀ m A, one 4×4 tile of every 36 points.
//   m [36, OUT4, tiles, 4];  dx [N, OUT4, H, W, 4], written from sample `first_sample` on
//
// OUT4: channels / 4;  H, W: rows, columns;  tiles: what m has room for
// One thread computes one tile of four channels.

#include "winograd"

@group(0) @binding(0) var<storage, read> m: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> dx: array<vec4<f32>>;

struct Params {
  OUT4: u32,
  H: u32,
  W: u32,
  tiles: u32,
  first_sample: u32,
}
@group(0) @binding(2) var<uniform> params: Params;

fn column(at: u32, point: u32) -> array<vec4<f32>, 4> {
  return from_points(array<vec4<f32>, 6>(
    m[at],
    m[at + 6u * point],
    m[at + 12u * point],
    m[at + 18u * point],
    m[at + 24u * point],
    m[at + 30u * point],
  ));
}

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let OUT4 = params.OUT4;
  let W = params.W;
  let tiles_x = W / 4u;
  let tiles_y = params.H / 4u;
  let point = OUT4 * params.tiles;
  let tile_x = id.x % tiles_x;
  let tile_y = id.x / tiles_x % tiles_y;
  let k = id.x / (tiles_x * tiles_y) % OUT4;
  let n = id.x / (tiles_x * tiles_y * OUT4);
  let m_at = k * params.tiles + (n * tiles_y + tile_y) * tiles_x + tile_x;
  let c0 = column(m_at, point);
  let c1 = column(m_at + point, point);
  let c2 = column(m_at + 2u * point, point);
  let c3 = column(m_at + 3u * point, point);
  let c4 = column(m_at + 4u * point, point);
  let c5 = column(m_at + 5u * point, point);
  let dx_at = (((params.first_sample + n) * OUT4 + k) * params.H + tile_y * 4u) * W + tile_x * 4u;
  // @unroll
  for (var i = 0u; i < 4; i++) {
    let r = from_points(array<vec4<f32>, 6>(c0[i], c1[i], c2[i], c3[i], c4[i], c5[i]));
    // @unroll
    for (var j = 0u; j < 4; j++) {
      dx[dx_at + i * W + j] = r[j];
    }
  }
}
