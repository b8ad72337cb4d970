// batch_statistics: per channel over the batch, mean = Σ z / N and variance = Σ (z − mean)² / N, and the running ones:
//   running_mean ← 0.9·running_mean + 0.1·mean;  running_variance ← 0.9·running_variance + 0.1·variance·N/(N−1)
//   z [ALL, C4, 4];  statistics [2, C4, 4]: mean, 1/√(variance + ε);  running [2, C4, 4]: mean, variance
//
// A workgroup has four channels, and each of its threads sums 64 samples, which keeps rounding small; these parts are added in order.

#include "sum_of_parts"

@group(0) @binding(0) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> statistics: array<vec4<f32>, 2u * C4>;
@group(0) @binding(2) var<storage, read_write> running: array<vec4<f32>, 2u * C4>;

struct Params {
  count: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> parts: array<vec4<f32>, GROUP>;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let c = id.x;
  let all = params.count;
  let count = f32(all);
  var total = vec4<f32>(0.0);
  for (var first = 0u; first < all; first += PART * GROUP) {
    let begin = first + thread * PART;
    var part = vec4<f32>(0.0);
    for (var n = begin; n < min(begin + PART, all); n++) {
      part += z[n * C4 + c];
    }
    total = with_parts(total, part, thread, all - first);
  }
  let mean = total / count;
  var square = vec4<f32>(0.0);
  for (var first = 0u; first < all; first += PART * GROUP) {
    let begin = first + thread * PART;
    var part = vec4<f32>(0.0);
    for (var n = begin; n < min(begin + PART, all); n++) {
      let d = z[n * C4 + c] - mean;
      part = fma(d, d, part);
    }
    square = with_parts(square, part, thread, all - first);
  }
  if (thread == 0u) {
    let variance = square / count;
    statistics[c] = mean;
    statistics[C4 + c] = 1.0 / sqrt(variance + EPSILON);
    running[c] = running[c] * (1.0 - MOMENTUM) + mean * MOMENTUM;
    running[C4 + c] = running[C4 + c] * (1.0 - MOMENTUM) + square / (count - 1.0) * MOMENTUM;
  }
}
