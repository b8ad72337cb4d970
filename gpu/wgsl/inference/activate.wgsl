// activate: y = max(x, 0), or with TANH: y = tanh(x)
//   x [N, C4, H, W, 4];  y [N, C4, H+2·BORDER, W+2·BORDER, 4] (the border is left alone, and stands at zero)
//
// One thread owns one row of four channels.

#include "tanh"

@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.x;
  let y0 = (row / H * (H + 2u * BORDER) + row % H + BORDER) * (W + 2u * BORDER) + BORDER;
  for (var j = 0u; j < W; j++) {
    let v = x[row * W + j];
    if (TANH == 1u) {
      y[y0 + j] = tanh4(v);
    } else {
      y[y0 + j] = max(v, vec4<f32>(0.0));
    }
  }
}
