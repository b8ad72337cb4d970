// What conv3x3_transposed_square makes of its sums: ∂x [N, OUT4, H, W, 4].

@group(0) @binding(2) var<storage, read_write> dx: array<vec4<f32>>;

struct Params {
  C4: u32,
  OUT4: u32,
  H: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

fn finish(sum: ptr<function, Sums>, place: Place) {
  let map = place.n * params.OUT4 + place.channel;
  // @unroll
  for (var i = 0u; i < TH; i++) {
    let at = (map * params.H + place.i + i) * W + place.across * TW;
    // @unroll
    for (var j = 0u; j < TW; j++) {
      dx[at + j] = (*sum)[i * TW + j];
    }
  }
}
