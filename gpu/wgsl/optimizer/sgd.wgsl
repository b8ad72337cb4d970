// sgd: one step of gradient descent with momentum over flat buffers of P parameters.
//   m ← mom·m + g + decay·p;  p ← p − lr·m
//
// p values, g gradients, m moments: all [P]

@group(0) @binding(0) var<storage, read_write> values: array<f32>;
@group(0) @binding(1) var<storage, read> gradients: array<f32>;
@group(0) @binding(2) var<storage, read_write> moments: array<f32>;

struct Params {
  count: u32,
  decay: f32,
  momentum: f32,
  learning_rate: f32,
}
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  if (i < params.count) {
    let p = values[i];
    let m = fma(params.momentum, moments[i], fma(params.decay, p, gradients[i]));
    moments[i] = m;
    values[i] = fma(-params.learning_rate, m, p);
  }
}
