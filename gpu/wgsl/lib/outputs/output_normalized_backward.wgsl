// What conv3x3_shared and conv3x3_square make of their sums where they are an input gradient, and so ∂y of the FRN and TLU below, and their
// workgroups hold whole maps (ROWS = H = W): frn_tlu_backward. With z = γ·u + β, passed = z > τ, ∂z = passed·∂y, r = the kept rsqrt:
//   ∂x = r · (γ·∂z − u · mean_{h,w}(γ·∂z·u));  ∂γ = Σ ∂z·u;  ∂β = Σ ∂z;  ∂τ = Σ (1 − passed)·∂y
//   x [N, OUT4, W, W, 4] and scale [N, OUT4, 4] as the forward pass kept them
//   ∂x [N, OUT4, W+2, W+2, 4]: the border is left alone, and stands at zero
//   partial [N, 4, OUT4, 4]: one sample's share of ∂γ, ∂β, ∂τ and of the gradient Σ ∂x of the bias below
//   parameters: γ, β and τ, [OUT4, 4] each, from the places on that `Params` has
//
// The sums of a row go from thread to thread in the order of its pixels, then one adds the rows of a map in order, as
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

fn bias_of(channel: u32) -> vec4<f32> {
  return vec4<f32>(0.0);
}

// Adds the rows of a map, in order.
fn map_sum(kind: u32, first_row: u32, block: u32) -> vec4<f32> {
  var total = vec4<f32>(0.0);
  for (var i = 0u; i < ROWS; i++) {
    total += row_sum(kind, first_row + i, block);
  }
  return total;
}

fn finish(sum: ptr<function, Sums>, place: Place) {
  let first_row = place.row / ROWS * ROWS;
  // Of the threads of a map, those that lie together first.
  let own = place.across * (ROWS / TH) + place.i / TH;
  // ∂z takes the place of ∂y. Sums over a row: 0 is of ∂γ, and when all have read it of Σ ∂x, 1 of ∂β, 2 of ∂τ.
  for (var a = 0u; a < ACROSS; a++) {
    workgroupBarrier();
    if (a == place.across) {
      // @unroll
      for (var k = 0u; k < TK; k++) {
        let block = k * LANES + place.lane;
        let channel = place.channel + k * LANES;
        let map = place.n * params.OUT4 + channel;
        let r = scale[map];
        let g = parameters[params.gamma + channel];
        let b = parameters[params.beta + channel];
        let t = parameters[params.tau + channel];
        // @unroll
        for (var i = 0u; i < TH; i++) {
          let row = place.row + i;
          let at = (map * W + place.i + i) * W + place.across * TW;
          var row_gamma = vec4<f32>(0.0);
          var row_beta = vec4<f32>(0.0);
          var row_tau = vec4<f32>(0.0);
          if (a > 0u) {
            row_gamma = row_sum(0u, row, block);
            row_beta = row_sum(1u, row, block);
            row_tau = row_sum(2u, row, block);
          }
          // @unroll
          for (var j = 0u; j < TW; j++) {
            let u = load_kept(x_kept[at + j]) * r;
            let d = (*sum)[(i * TW + j) * TK + k];
            let dz = select(vec4<f32>(0.0), d, fma(u, g, b) > t);
            row_gamma = fma(dz, u, row_gamma);
            row_beta += dz;
            row_tau += d - dz;
            (*sum)[(i * TW + j) * TK + k] = dz;
          }
          set_row_sum(0u, row, block, row_gamma);
          set_row_sum(1u, row, block, row_beta);
          set_row_sum(2u, row, block, row_tau);
        }
      }
    }
  }
  workgroupBarrier();
  // A thread for each of ∂γ, ∂β and ∂τ. The first leaves its sum where that of the first row was.
  if (own < 3u) {
    // @unroll
    for (var k = 0u; k < TK; k++) {
      let block = k * LANES + place.lane;
      let total = map_sum(own, first_row, block);
      if (own == 0u) {
        set_row_sum(0u, first_row, block, total);
      }
      partial[(place.n * 4u + own) * params.OUT4 + place.channel + k * LANES] = total;
    }
  }
  workgroupBarrier();
  // ∂x takes the place of ∂z.
  // @unroll
  for (var k = 0u; k < TK; k++) {
    let channel = place.channel + k * LANES;
    let map = place.n * params.OUT4 + channel;
    let r = scale[map];
    let g = parameters[params.gamma + channel];
    let mean = g * row_sum(0u, first_row, k * LANES + place.lane) * (1.0 / f32(W * W));
    // @unroll
    for (var i = 0u; i < TH; i++) {
      let at = (map * W + place.i + i) * W + place.across * TW;
      let out = (map * (W + 2u) + place.i + i + 1u) * (W + 2u) + 1u + place.across * TW;
      // @unroll
      for (var j = 0u; j < TW; j++) {
        let u = load_kept(x_kept[at + j]) * r;
        let v = r * fma(g, (*sum)[(i * TW + j) * TK + k], -(u * mean));
        dx[out + j] = v;
        // What is added up below is v as it was stored: a compiler may make one multiply-add, which rounds once, of the product by r
        // and that sum, unless a choice stands between. No row is beyond the last.
        (*sum)[(i * TW + j) * TK + k] = select(v, vec4<f32>(0.0), place.i >= params.H);
      }
    }
  }
  for (var a = 0u; a < ACROSS; a++) {
    workgroupBarrier();
    if (a == place.across) {
      // @unroll
      for (var k = 0u; k < TK; k++) {
        let block = k * LANES + place.lane;
        // @unroll
        for (var i = 0u; i < TH; i++) {
          var row_bias = vec4<f32>(0.0);
          if (a > 0u) {
            row_bias = row_sum(0u, place.row + i, block);
          }
          // @unroll
          for (var j = 0u; j < TW; j++) {
            row_bias += (*sum)[(i * TW + j) * TK + k];
          }
          set_row_sum(0u, place.row + i, block, row_bias);
        }
      }
    }
  }
  workgroupBarrier();
  if (own == 0u) {
    // @unroll
    for (var k = 0u; k < TK; k++) {
      let total = map_sum(0u, first_row, k * LANES + place.lane);
      partial[(place.n * 4u + 3u) * params.OUT4 + place.channel + k * LANES] = total;
    }
  }
}
