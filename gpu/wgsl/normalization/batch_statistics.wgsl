// batch_statistics: per channel over the batch, mean = Σ z / N and variance = Σ (z − mean)² / N, and the running ones:
//   running_mean ← 0.9·running_mean + 0.1·mean;  running_variance ← 0.9·running_variance + 0.1·variance·N/(N−1)
//   z [ALL, C4, 4];  statistics [2, C4, 4]: mean, 1/√(variance + ε);  running [2, C4, 4]: mean, variance
//
// One thread owns four channels; sums go by 64 samples first, which keeps their rounding small.

@group(0) @binding(0) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> statistics: array<vec4<f32>, 2u * C4>;
@group(0) @binding(2) var<storage, read_write> running: array<vec4<f32>, 2u * C4>;

struct Params {
  count: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let c = id.x;
  if (c < C4) {
    let count = f32(params.count);
    var total = vec4<f32>(0.0);
    for (var first = 0u; first < params.count; first += 64u) {
      var part = vec4<f32>(0.0);
      for (var n = first; n < min(first + 64u, params.count); n++) {
        part += z[n * C4 + c];
      }
      total += part;
    }
    let mean = total / count;
    var square = vec4<f32>(0.0);
    for (var first = 0u; first < params.count; first += 64u) {
      var part = vec4<f32>(0.0);
      for (var n = first; n < min(first + 64u, params.count); n++) {
        let d = z[n * C4 + c] - mean;
        part = fma(d, d, part);
      }
      square += part;
    }
    let variance = square / count;
    statistics[c] = mean;
    statistics[C4 + c] = 1.0 / sqrt(variance + EPSILON);
    running[c] = running[c] * (1.0 - MOMENTUM) + mean * MOMENTUM;
    running[C4 + c] = running[C4 + c] * (1.0 - MOMENTUM) + square / (count - 1.0) * MOMENTUM;
  }
}
