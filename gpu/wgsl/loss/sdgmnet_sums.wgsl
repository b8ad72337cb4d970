// sdgmnet_sums: moves the running sums of w⁺ and of w⁻ by those of this batch; with WEIGHS = 0 all weights are 1.
//   running ← KEEP·running + REST·batch
//
// distance [classes] of (a, b); running as in sdgmnet_angles
// one invocation a sum, in a fixed order of partial sums

@group(0) @binding(0) var<storage, read> distance: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read_write> running: array<f32, 8>;

struct Params { classes: u32 }
@group(0) @binding(2) var<uniform> params: Params;

#include "sdgmnet"

const PARTIAL: u32 = 64u;

@compute @workgroup_size(2)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let side = id.x;
  let figures = running;
  var sum = 0.0;
  for (var start = 0u; start < params.classes; start += PARTIAL) {
    var partial = 0.0;
    for (var c = start; c < min(start + PARTIAL, params.classes); c++) {
      let d = distance[c];
      if (d.y != 0.0) {
        var weights = vec2<f32>(1.0);
        if (WEIGHS == 1u) { weights = weights_of(angles_of(d), figures); }
        partial += select(weights.y, weights.x, side == 0u);
      }
    }
    sum += partial;
  }
  running[6u + side] = fma(KEEP, figures[6u + side], REST * sum);
}
