// What SDGMNet's kernels make of a class's pairs: its angles θ⁺ and θ⁻, and their weights before they are scaled.

const LEAST_CHORD: f32 = 0.0044721360; // of the angle whose cosine is 1 − 1e-5
const QUANTILE: f32 = 0.25334710; // 60 % of the standard normal distribution lie below it

/// asin of a value in [0, 1]. WGSL's own may be off by 7e-5; the polynomial, fitted on [0, ½], is off by 7e-8 of the result.
fn arc_sine(value: f32) -> f32 {
  let is_large = value > 0.5;
  let h = select(value, sqrt(0.5 * (1.0 - value)), is_large);
  let z = h * h;
  var series = fma(0.031091604, z, 0.010486675);
  series = fma(series, z, 0.023636499);
  series = fma(series, z, 0.030265931);
  series = fma(series, z, 0.044647854);
  series = fma(series, z, 0.074999921);
  series = fma(series, z, 0.16666667);
  let small = fma(h * z, series, h);
  return select(small, fma(-2.0, small, 1.5707963), is_large);
}

/// (θ⁺, θ⁻) of the chords a, b between unit rows.
fn angles_of(d: vec2<f32>) -> vec2<f32> {
  // Not max, which may drop a value that is not a number.
  let a = select(d.x, LEAST_CHORD, d.x < LEAST_CHORD);
  let b = select(d.y, 2.0, d.y > 2.0);
  return 2.0 * vec2<f32>(arc_sine(0.5 * a), arc_sine(0.5 * b));
}

/// (w⁺, w⁻) before they are scaled; running as in sdgmnet_angles.
fn weights_of(angles: vec2<f32>, running: array<f32, 8>) -> vec2<f32> {
  let spread = vec2<f32>(0.52359878) + vec2<f32>(running[1], running[3]);
  let apart = (angles - vec2<f32>(running[0], running[2])) / spread;
  let bound = fma(QUANTILE, running[5], running[4]);
  let is_hard = angles.x - angles.y >= bound;
  return select(vec2<f32>(0.0), exp(-0.5 * apart * apart), is_hard);
}
