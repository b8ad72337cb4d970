// adam: one step of fastai's Adam over flat buffers of P parameters.
//   p ← p − p·decay where i < decayed;  m ← mom·m + (1 − mom)·g;  v ← 0.99·v + 0.01·g²
//   p ← p − stepSize · m / (√(v·unbias) + 1e-5)
//
// p values, g gradients, m first moments, v second moments: all [P]
// decay lr·wd; stepSize lr / (1 − mom^t); unbias 1 / (1 − 0.99^t)

@group(0) @binding(0) var<storage, read_write> values: array<f32>;
@group(0) @binding(1) var<storage, read> gradients: array<f32>;
@group(0) @binding(2) var<storage, read_write> first_moments: array<f32>;
@group(0) @binding(3) var<storage, read_write> second_moments: array<f32>;

struct Params {
  count: u32,
  decayed_count: u32,
  decay: f32,
  momentum: f32,
  momentum_rest: f32,
  step_size: f32,
  unbias: f32,
}
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  if (i < params.count) {
    let g = gradients[i];
    let m = fma(params.momentum_rest, g, params.momentum * first_moments[i]);
    let v = fma(SQUARE_REST, g * g, SQUARE_MOMENTUM * second_moments[i]);
    let p = fma(-select(0.0, params.decay, i < params.decayed_count), values[i], values[i]);
    first_moments[i] = m;
    second_moments[i] = v;
    values[i] = fma(-params.step_size, m / (sqrt(v * params.unbias) + EPSILON), p);
  }
}
