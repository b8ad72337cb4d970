// What conv3x3_shared and conv3x3_square make of their sums: y [N, OUT4, H, W, 4].

@group(0) @binding(2) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> y: array<Activation>;

struct Params {
  C4: u32,
  OUT4: u32,
  H: u32,
}
@group(0) @binding(4) var<uniform> params: Params;

fn bias_of(channel: u32) -> vec4<f32> {
  return bias[channel];
}

fn finish(sum: ptr<function, Sums>, place: Place) {
  // @unroll
  for (var k = 0u; k < TK; k++) {
    let map = place.n * params.OUT4 + place.channel + k * LANES;
    // @unroll
    for (var i = 0u; i < TH; i++) {
      let y0 = (map * params.H + place.i + i) * W + place.across * TW;
      // @unroll
      for (var j = 0u; j < TW; j++) {
        y[y0 + j] = store_activation((*sum)[(i * TW + j) * TK + k]);
      }
    }
  }
}
