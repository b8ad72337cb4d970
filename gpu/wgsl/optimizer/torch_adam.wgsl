// torch_adam: one step of PyTorch's Adam over flat buffers of P parameters.
//   g ← g + decay·p;  m ← mom·m + (1 − mom)·g;  v ← SECOND_DECAY·v + SECOND_REST·g²
//   p ← p − stepSize · m / (√(v·unbias) + EPSILON)
//
// p values, g gradients, m first moments, v second moments: all [P]
// stepSize lr / (1 − mom^t); unbias 1 / (1 − SECOND_DECAY^t)

@group(0) @binding(0) var<storage, read_write> values: array<f32>;
@group(0) @binding(1) var<storage, read> gradients: array<f32>;
@group(0) @binding(2) var<storage, read_write> first_moments: array<f32>;
@group(0) @binding(3) var<storage, read_write> second_moments: array<f32>;

struct Params {
  count: u32,
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
    let p = values[i];
    let g = fma(params.decay, p, gradients[i]);
    let m = fma(params.momentum_rest, g, params.momentum * first_moments[i]);
    let v = fma(SECOND_REST, g * g, SECOND_DECAY * second_moments[i]);
    first_moments[i] = m;
    second_moments[i] = v;
    values[i] = fma(-params.step_size, m / (sqrt(v * params.unbias) + EPSILON), p);
  }
}
