// frn_tlu: filter response normalisation and thresholded linear unit:
//   u = x · rsqrt(mean_{h,w}(x²) + ε);  y = max(γ·u + β, τ);  with DROPOUT: y ← y · keep / (1 − rate)
//   x [N, C4, H, W, 4];  γ, β, τ [C4, 4];  scale [N, C4, 4] = the rsqrt, kept for the backward pass
//   y [N, C4, H+2·border, W+2·border, 4]: the border is left alone, and stands at zero
//
// One thread owns one sample and four channels. An element is dropped when its random number, drawn by its place
// in the whole batch, falls below the rate.

#include "activation"
#include "random"
#include "dropout"

@group(0) @binding(0) var<storage, read> x: array<Activation>;
@group(0) @binding(1) var<storage, read> gamma: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> beta: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> tau: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> scale: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> y: array<Activation>;

struct Params {
  C4: u32,
  H: u32,
  W: u32,
  border: u32,
  stream_a: u32,
  stream_b: u32,
  stream_c: u32,
  first_sample: u32,
  rate: f32,
}
@group(0) @binding(6) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let C4 = params.C4;
  let H = params.H;
  let W = params.W;
  let HW = H * W;
  let map = id.x;
  let c = map % C4;
  let x0 = map * HW;
  let place = (params.first_sample * C4 + map) * HW;
  let border = params.border;
  let YW = W + 2u * border;
  var square = vec4<f32>(0.0);
  for (var i = 0u; i < H; i++) {
    var row = vec4<f32>(0.0);
    for (var j = 0u; j < W; j++) {
      let v = load_activation(x[x0 + i * W + j]);
      row = fma(v, v, row);
    }
    square += row;
  }
  let r = 1.0 / sqrt(square * (1.0 / f32(HW)) + EPSILON);
  scale[map] = r;
  let g = gamma[c];
  let b = beta[c];
  let t = tau[c];
  for (var i = 0u; i < H; i++) {
    let y0 = (map * (H + 2u * border) + i + border) * YW + border;
    for (var j = 0u; j < W; j++) {
      var v = max(fma(load_activation(x[x0 + i * W + j]) * r, g, b), t);
      if (DROPOUT == 1u) {
        v *= kept(place + i * W + j);
      }
      y[y0 + j] = store_activation(v);
    }
  }
}
