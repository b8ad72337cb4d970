// What conv3x3_shared makes of its sums where its workgroups hold whole maps (ROWS = H = W): frn_tlu,
//   u = x · rsqrt(mean_{h,w}(x²) + ε);  y = max(γ·u + β, τ);  with DROPOUT: y ← y · keep / (1 − rate)
//   y [N, OUT4, W+2·border, W+2·border, 4]: the border is left alone, and stands at zero
//   parameters: bias, γ, β and τ, [OUT4, 4] each, from the places on that `Params` has
//
// The square of a row goes from thread to thread in the order of its pixels, then the rows of a map are added in order, as
// frn_tlu adds them: both give the same bits. What the backward pass needs the included `keep` functions keep.

@group(0) @binding(2) var<storage, read> parameters: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> y: array<Activation>;

struct Params {
  C4: u32,
  OUT4: u32,
  H: u32,
  border: u32,
  bias: u32,
  gamma: u32,
  beta: u32,
  tau: u32,
  stream_a: u32,
  stream_b: u32,
  stream_c: u32,
  first_sample: u32,
  rate: f32,
}

var<workgroup> squares: array<array<vec4<f32>, CH4>, SAMPLES * ROWS>;

fn bias_of(channel: u32) -> vec4<f32> {
  return parameters[params.bias + channel];
}

fn finish(sum: ptr<function, Sums>, place: Place) {
  for (var a = 0u; a < ACROSS; a++) {
    workgroupBarrier();
    if (a == place.across) {
      // @unroll
      for (var k = 0u; k < TK; k++) {
        var row = vec4<f32>(0.0);
        if (a > 0u) {
          row = squares[place.row][k * LANES + place.lane];
        }
        // @unroll
        for (var j = 0u; j < TW; j++) {
          let v = load_activation(store_activation((*sum)[j * TK + k]));
          row = fma(v, v, row);
        }
        squares[place.row][k * LANES + place.lane] = row;
      }
    }
  }
  workgroupBarrier();
  let border = params.border;
  let YW = W + 2u * border;
  let first_row = place.row / ROWS * ROWS;
  // @unroll
  for (var k = 0u; k < TK; k++) {
    let channel = place.channel + k * LANES;
    let map = place.n * params.OUT4 + channel;
    var square = vec4<f32>(0.0);
    for (var i = 0u; i < ROWS; i++) {
      square += squares[first_row + i][k * LANES + place.lane];
    }
    let r = 1.0 / sqrt(square * (1.0 / f32(W * W)) + EPSILON);
    if (place.i == 0u && place.across == 0u) {
      keep_scale(map, r);
    }
    let g = parameters[params.gamma + channel];
    let b = parameters[params.beta + channel];
    let t = parameters[params.tau + channel];
    let at = (map * W + place.i) * W + place.across * TW;
    let y0 = (map * YW + place.i + border) * YW + border + place.across * TW;
    // @unroll
    for (var j = 0u; j < TW; j++) {
      let x = store_activation((*sum)[j * TK + k]);
      keep(at + j, x);
      var v = max(fma(load_activation(x) * r, g, b), t);
      if (DROPOUT == 1u) {
        v *= kept(params.first_sample * params.OUT4 * (W * W) + at + j);
      }
      y[y0 + j] = store_activation(v);
    }
  }
}
