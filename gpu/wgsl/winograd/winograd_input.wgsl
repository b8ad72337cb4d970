// winograd_input: v[ξ,c,t] = (Bᵀ x B)[ξ] of every 6×6 window t of x, 36 points ξ.
//   x [N, C4, H+2, W+2, 4] with its border of one zero pixel, read from sample `first_sample` on
//   v [36, C4, tiles, 4]: tiles of 4×4 outputs, by sample, row, column
//
// C4: channels / 4;  H, W: rows, columns of the output;  tiles: what v has room for
// One thread walks along one row of tiles of one sample and four channels; the columns that two windows share are
// loaded and transformed once.

#include "activation"
#include "winograd"

@group(0) @binding(0) var<storage, read> x: array<Activation>;
@group(0) @binding(1) var<storage, read_write> v: array<vec4<f32>>;

struct Params {
  C4: u32,
  H: u32,
  W: u32,
  tiles: u32,
  first_sample: u32,
}
@group(0) @binding(2) var<uniform> params: Params;

fn column(at: u32, XW: u32) -> array<vec4<f32>, 6> {
  return to_points(array<vec4<f32>, 6>(
    load_activation(x[at]),
    load_activation(x[at + XW]),
    load_activation(x[at + 2u * XW]),
    load_activation(x[at + 3u * XW]),
    load_activation(x[at + 4u * XW]),
    load_activation(x[at + 5u * XW]),
  ));
}

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let C4 = params.C4;
  let tiles_x = params.W / 4u;
  let tiles_y = params.H / 4u;
  let point = C4 * params.tiles;
  let XW = params.W + 2u;
  let row = id.x % tiles_y;
  let c = id.x / tiles_y % C4;
  let n = id.x / (tiles_y * C4);
  var x_at = (((params.first_sample + n) * C4 + c) * (params.H + 2u) + row * 4u) * XW;
  var v_at = c * params.tiles + (n * tiles_y + row) * tiles_x;
  var c0 = column(x_at, XW);
  var c1 = column(x_at + 1u, XW);
  for (var t = 0u; t < tiles_x; t++) {
    let c2 = column(x_at + 2u, XW);
    let c3 = column(x_at + 3u, XW);
    let c4 = column(x_at + 4u, XW);
    let c5 = column(x_at + 5u, XW);
    // @unroll
    for (var i = 0u; i < 6; i++) {
      let p = to_points(array<vec4<f32>, 6>(c0[i], c1[i], c2[i], c3[i], c4[i], c5[i]));
      // @unroll
      for (var j = 0u; j < 6; j++) {
        v[v_at + (i * 6u + j) * point] = p[j];
      }
    }
    c0 = c4;
    c1 = c5;
    x_at += 4u;
    v_at += 1u;
  }
}
