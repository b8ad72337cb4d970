// winograd_weight_product: ∂u[ξ,k,c] ← ∂u[ξ,k,c] + Σ_t ∂m[ξ,k,t] · v[ξ,c,t].
//   v [36, C4, tiles, 4];  ∂m [36, OUT4, tiles, 4];  ∂u [36, 4·C4, OUT4, 4]
//
// C4, OUT4: input, output channels / 4;  tiles: what v and ∂m have room for;  part_tiles: tiles of one part
// One thread owns 4·TC input by 4·TK output channels of one point. It sums parts of part_tiles tiles, and adds the
// parts in order: the bits do not depend on how many parts one dispatch takes.

@group(0) @binding(0) var<storage, read> v: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> dm: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> du: array<vec4<f32>>;

struct Params {
  C4: u32,
  OUT4: u32,
  tiles: u32,
  part_tiles: u32,
  parts: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let C4 = params.C4;
  let OUT4 = params.OUT4;
  let tiles = params.tiles;
  let k = id.x % (OUT4 / TK) * TK;
  let c = id.x / (OUT4 / TK) % (C4 / TC) * TC;
  let point = id.x / (OUT4 / TK) / (C4 / TC);
  let u_at = (point * C4 + c) * 4u * OUT4 + k;
  var total: array<vec4<f32>, 4u * TC * TK>;
  // @unroll
  for (var i = 0u; i < 4 * TC; i++) {
    // @unroll
    for (var j = 0u; j < TK; j++) {
      total[i * TK + j] = du[u_at + i * OUT4 + j];
    }
  }
  var v_at = (point * C4 + c) * tiles;
  var m_at = (point * OUT4 + k) * tiles;
  for (var part = 0u; part < params.parts; part++) {
    var sum: array<vec4<f32>, 4u * TC * TK>;
    // @unroll
    for (var s = 0u; s < 4 * TC * TK; s++) {
      sum[s] = vec4<f32>(0.0);
    }
    for (var t = 0u; t < params.part_tiles; t++) {
      var d: array<vec4<f32>, TK>;
      // @unroll
      for (var j = 0u; j < TK; j++) {
        d[j] = dm[m_at + j * tiles];
      }
      // @unroll
      for (var i = 0u; i < TC; i++) {
        let x = v[v_at + i * tiles];
        // @unroll
        for (var j = 0u; j < TK; j++) {
          sum[(i * 4u) * TK + j] = fma(vec4<f32>(x.x), d[j], sum[(i * 4u) * TK + j]);
          sum[(i * 4u + 1u) * TK + j] = fma(vec4<f32>(x.y), d[j], sum[(i * 4u + 1u) * TK + j]);
          sum[(i * 4u + 2u) * TK + j] = fma(vec4<f32>(x.z), d[j], sum[(i * 4u + 2u) * TK + j]);
          sum[(i * 4u + 3u) * TK + j] = fma(vec4<f32>(x.w), d[j], sum[(i * 4u + 3u) * TK + j]);
        }
      }
      v_at += 1u;
      m_at += 1u;
    }
    // @unroll
    for (var s = 0u; s < 4 * TC * TK; s++) {
      total[s] += sum[s];
    }
  }
  // @unroll
  for (var i = 0u; i < 4 * TC; i++) {
    // @unroll
    for (var j = 0u; j < TK; j++) {
      du[u_at + i * OUT4 + j] = total[i * TK + j];
    }
  }
}
