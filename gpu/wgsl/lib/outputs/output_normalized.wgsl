// What conv3x3_shared and conv3x3_square make of their sums where workgroups hold whole maps (ROWS = H = W): frn_tlu,
//   u = x · rsqrt(mean_{h,w}(x²) + ε);  y = max(γ·u + β, τ);  with DROPOUT: y ← y · keep / (1 − rate)
//   y [N, OUT4, W+2·border, W+2·border, 4]: the border is left alone, and stands at zero
//   parameters: bias, γ, β and τ, [OUT4, 4] each, from the places on that `Params` has
//
// The square of a row goes from thread to thread in the order of its pixels, then one adds the rows of a map in order, as
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

fn bias_of(channel: u32) -> vec4<f32> {
  return parameters[params.bias + channel];
}

fn finish(sum: ptr<function, Sums>, place: Place) {
  for (var a = 0u; a < ACROSS; a++) {
    workgroupBarrier();
    if (a == place.across) {
      // @unroll
      for (var k = 0u; k < TK; k++) {
        // @unroll
        for (var i = 0u; i < TH; i++) {
          var row = vec4<f32>(0.0);
          if (a > 0u) {
            row = row_sum(0u, place.row + i, k * LANES + place.lane);
          }
          // @unroll
          for (var j = 0u; j < TW; j++) {
            let v = load_activation(store_activation((*sum)[(i * TW + j) * TK + k]));
            row = fma(v, v, row);
          }
          set_row_sum(0u, place.row + i, k * LANES + place.lane, row);
        }
      }
    }
  }
  workgroupBarrier();
  let first_row = place.row / ROWS * ROWS;
  // The first thread of a map adds its rows and leaves the root where the first one was.
  if (place.i == 0u && place.across == 0u) {
    // @unroll
    for (var k = 0u; k < TK; k++) {
      let block = k * LANES + place.lane;
      var square = vec4<f32>(0.0);
      for (var i = 0u; i < ROWS; i++) {
        square += row_sum(0u, first_row + i, block);
      }
      let r = 1.0 / sqrt(square * (1.0 / f32(W * W)) + EPSILON);
      keep_scale(place.n * params.OUT4 + place.channel + k * LANES, r);
      set_row_sum(0u, first_row, block, r);
    }
  }
  workgroupBarrier();
  let border = params.border;
  let YW = W + 2u * border;
  // @unroll
  for (var k = 0u; k < TK; k++) {
    let channel = place.channel + k * LANES;
    let map = place.n * params.OUT4 + channel;
    let r = row_sum(0u, first_row, k * LANES + place.lane);
    let g = parameters[params.gamma + channel];
    let b = parameters[params.beta + channel];
    let t = parameters[params.tau + channel];
    // @unroll
    for (var i = 0u; i < TH; i++) {
      let at = (map * W + place.i + i) * W + place.across * TW;
      let y0 = (map * YW + place.i + i + border) * YW + border + place.across * TW;
      // @unroll
      for (var j = 0u; j < TW; j++) {
        let x = store_activation((*sum)[(i * TW + j) * TK + k]);
        keep(at + j, x);
        var v = max(fma(load_activation(x) * r, g, b), t);
        if (DROPOUT == 1u) {
          v *= kept(params.first_sample * params.OUT4 * (W * W) + at + j);
        }
        y[y0 + j] = store_activation(v);
      }
    }
  }
}
