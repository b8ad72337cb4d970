// sdgmnet_angles: moves the running mean and deviation of θ⁺, of θ⁻ and of θ⁺ − θ⁻ by what this batch has.
//   mean of the classes that have a negative (b > 0), deviation by one less than their number
//   running ← KEEP·running + REST·batch; the first batch sets all but the mean of θ⁺ − θ⁻, which it leaves
//
// distance [classes] of (a, b)
// running: (mean, deviation) of θ⁺, of θ⁻, of θ⁺ − θ⁻, then Σw⁺, Σw⁻; a deviation below 0: no batch yet
// one invocation a series; sums in a fixed order of partial sums

@group(0) @binding(0) var<storage, read> distance: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read_write> running: array<f32>;

struct Params { classes: u32 }
@group(0) @binding(2) var<uniform> params: Params;

#include "sdgmnet"

const PARTIAL: u32 = 64u;

fn angle_of(series: u32, d: vec2<f32>) -> f32 {
  let angles = angles_of(d);
  return select(select(angles.x - angles.y, angles.y, series == 1u), angles.x, series == 0u);
}

@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let series = id.x;
  if (series < 3u) {
    var sum = 0.0;
    var count = 0.0;
    for (var start = 0u; start < params.classes; start += PARTIAL) {
      var partial = 0.0;
      for (var c = start; c < min(start + PARTIAL, params.classes); c++) {
        let d = distance[c];
        if (d.y != 0.0) {
          partial += angle_of(series, d);
          count += 1.0;
        }
      }
      sum += partial;
    }
    if (count > 1.0) {
      let mean = sum / count;
      var squares = 0.0;
      for (var start = 0u; start < params.classes; start += PARTIAL) {
        var partial = 0.0;
        for (var c = start; c < min(start + PARTIAL, params.classes); c++) {
          let d = distance[c];
          if (d.y != 0.0) {
            let apart = angle_of(series, d) - mean;
            partial = fma(apart, apart, partial);
          }
        }
        squares += partial;
      }
      let deviation = sqrt(squares / (count - 1.0));
      let at = 2u * series;
      if (running[at + 1u] < 0.0) {
        if (series < 2u) { running[at] = mean; }
        running[at + 1u] = deviation;
      } else {
        running[at] = fma(KEEP, running[at], REST * mean);
        running[at + 1u] = fma(KEEP, running[at + 1u], REST * deviation);
      }
    }
  }
}
