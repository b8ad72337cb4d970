// What conv3x3_shared makes of its sums where they are an input gradient, and so ∂y of the FRN and TLU below, and its workgroups hold
// whole maps (ROWS = H = W): frn_tlu_backward. With z = γ·u + β, passed = z > τ, ∂z = passed·∂y, r = the kept rsqrt:
//   ∂x = r · (γ·∂z − u · mean_{h,w}(γ·∂z·u));  ∂γ = Σ ∂z·u;  ∂β = Σ ∂z;  ∂τ = Σ (1 − passed)·∂y
//   x [N, OUT4, W, W, 4] and scale [N, OUT4, 4] as the forward pass kept them
//   ∂x [N, OUT4, W+2, W+2, 4]: the border is left alone, and stands at zero
//   partial [N, 4, OUT4, 4]: one sample's share of ∂γ, ∂β, ∂τ and of the gradient Σ ∂x of the bias below
//   parameters: γ, β and τ, [OUT4, 4] each, from the places on that `Params` has
//
// The sums of a row go from thread to thread in the order of its pixels, then the rows of a map are added in order, as
// frn_tlu_backward adds them: both give the same bits. x is loaded twice, because a thread has not the registers to keep it.

@group(0) @binding(2) var<storage, read> parameters: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> x_kept: array<Kept>;
@group(0) @binding(5) var<storage, read> scale: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> partial: array<vec4<f32>>;

struct Params {
  C4: u32,
  OUT4: u32,
  H: u32,
  gamma: u32,
  beta: u32,
  tau: u32,
}
@group(0) @binding(7) var<uniform> params: Params;

// Sums over the pixels of a row: of ∂γ, and when all have read it of Σ ∂x; of ∂β; of ∂τ.
var<workgroup> row_sums: array<array<array<vec4<f32>, CH4>, SAMPLES * ROWS>, 3>;

fn bias_of(channel: u32) -> vec4<f32> {
  return vec4<f32>(0.0);
}

fn finish(sum: ptr<function, Sums>, place: Place) {
  let row = place.row;
  let first_row = row / ROWS * ROWS;
  // ∂z takes the place of ∂y.
  for (var a = 0u; a < ACROSS; a++) {
    workgroupBarrier();
    if (a == place.across) {
      // @unroll
      for (var k = 0u; k < TK; k++) {
        let lane = k * LANES + place.lane;
        let channel = place.channel + k * LANES;
        let map = place.n * params.OUT4 + channel;
        let at = (map * W + place.i) * W + place.across * TW;
        let r = scale[map];
        let g = parameters[params.gamma + channel];
        let b = parameters[params.beta + channel];
        let t = parameters[params.tau + channel];
        var row_gamma = vec4<f32>(0.0);
        var row_beta = vec4<f32>(0.0);
        var row_tau = vec4<f32>(0.0);
        if (a > 0u) {
          row_gamma = row_sums[0][row][lane];
          row_beta = row_sums[1][row][lane];
          row_tau = row_sums[2][row][lane];
        }
        // @unroll
        for (var j = 0u; j < TW; j++) {
          let u = load_kept(x_kept[at + j]) * r;
          let d = (*sum)[j * TK + k];
          let dz = select(vec4<f32>(0.0), d, fma(u, g, b) > t);
          row_gamma = fma(dz, u, row_gamma);
          row_beta += dz;
          row_tau += d - dz;
          (*sum)[j * TK + k] = dz;
        }
        row_sums[0][row][lane] = row_gamma;
        row_sums[1][row][lane] = row_beta;
        row_sums[2][row][lane] = row_tau;
      }
    }
  }
  workgroupBarrier();
  // ∂x takes the place of ∂z.
  // @unroll
  for (var k = 0u; k < TK; k++) {
    let channel = place.channel + k * LANES;
    let map = place.n * params.OUT4 + channel;
    let at = (map * W + place.i) * W + place.across * TW;
    let out = (map * (W + 2u) + place.i + 1u) * (W + 2u) + 1u + place.across * TW;
    let r = scale[map];
    let g = parameters[params.gamma + channel];
    var d_gamma = vec4<f32>(0.0);
    for (var i = 0u; i < ROWS; i++) {
      d_gamma += row_sums[0][first_row + i][k * LANES + place.lane];
    }
    if (place.i == 0u && place.across == 0u) {
      partial[place.n * 4u * params.OUT4 + channel] = d_gamma;
    }
    let mean = g * d_gamma * (1.0 / f32(W * W));
    // @unroll
    for (var j = 0u; j < TW; j++) {
      let u = load_kept(x_kept[at + j]) * r;
      let v = r * fma(g, (*sum)[j * TK + k], -(u * mean));
      dx[out + j] = v;
      // What is added up below is v as it was stored: a compiler may make one multiply-add, which rounds once, of the product by r and
      // that sum, unless a choice stands between. No row is beyond the last.
      (*sum)[j * TK + k] = select(v, vec4<f32>(0.0), place.i >= params.H);
    }
  }
  for (var a = 0u; a < ACROSS; a++) {
    workgroupBarrier();
    if (a == place.across) {
      // @unroll
      for (var k = 0u; k < TK; k++) {
        let lane = k * LANES + place.lane;
        var row_bias = vec4<f32>(0.0);
        if (a > 0u) {
          row_bias = row_sums[0][row][lane];
        }
        // @unroll
        for (var j = 0u; j < TW; j++) {
          row_bias += (*sum)[j * TK + k];
        }
        row_sums[0][row][lane] = row_bias;
      }
    }
  }
  workgroupBarrier();
  // A thread for each of ∂β, ∂τ and Σ ∂x.
  if (place.across == 0u && place.i > 0u && place.i < 4u) {
    // @unroll
    for (var k = 0u; k < TK; k++) {
      var total = vec4<f32>(0.0);
      for (var i = 0u; i < ROWS; i++) {
        total += row_sums[place.i % 3u][first_row + i][k * LANES + place.lane];
      }
      partial[(place.n * 4u + place.i) * params.OUT4 + place.channel + k * LANES] = total;
    }
  }
}
