// winograd_product: m[ξ,k,t] = Σ_c w[ξ,k,c] · v[ξ,c,t], a matrix product for each of some points ξ.
//   v [36, C4, tiles, 4];  w [points, OUT4/K4, C4, 4, 4·K4], bound from point `first_point` on;  m [36, OUT4, tiles, 4]
//
// C4, OUT4: input, output channels / 4;  tiles: what v and m have room for
// One thread computes T tiles of 4·K4 channels; its sums run over c.

@group(0) @binding(0) var<storage, read> v: array<vec4<f32>>;
#include "weights"
@group(0) @binding(2) var<storage, read_write> m: array<vec4<f32>>;

struct Params {
  C4: u32,
  OUT4: u32,
  tiles: u32,
  first_point: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let C4 = params.C4;
  let OUT4 = params.OUT4;
  let tiles = params.tiles;
  let point = params.first_point + id.y;
  let block = id.x % (OUT4 / K4);
  let t0 = id.x / (OUT4 / K4) * T;
  var w_at = (id.y * OUT4 + block * K4) * (C4 * 4u);
  var v_at = point * C4 * tiles + t0;
  var sum: array<vec4<f32>, T * K4>;
  // @unroll
  for (var s = 0u; s < T * K4; s++) {
    sum[s] = vec4<f32>(0.0);
  }
  for (var c = 0u; c < C4; c++) {
    var vs: array<vec4<f32>, T>;
    // @unroll
    for (var t = 0u; t < T; t++) {
      vs[t] = v[v_at + t];
    }
    // @unroll
    for (var k = 0u; k < K4; k++) {
      let ux = w[w_at + k];
      let uy = w[w_at + K4 + k];
      let uz = w[w_at + 2u * K4 + k];
      let uw = w[w_at + 3u * K4 + k];
      // @unroll
      for (var t = 0u; t < T; t++) {
        var s = sum[t * K4 + k];
        s = fma(vec4<f32>(vs[t].x), ux, s);
        s = fma(vec4<f32>(vs[t].y), uy, s);
        s = fma(vec4<f32>(vs[t].z), uz, s);
        s = fma(vec4<f32>(vs[t].w), uw, s);
        sum[t * K4 + k] = s;
      }
    }
    w_at += 4u * K4;
    v_at += tiles;
  }
  let m_at = (point * OUT4 + block * K4) * tiles + t0;
  // @unroll
  for (var k = 0u; k < K4; k++) {
    // @unroll
    for (var t = 0u; t < T; t++) {
      m[m_at + k * tiles + t] = sum[t * K4 + k];
    }
  }
}
