// sdgmnet: per class its pairs' weighted angles and what their gradient needs; with WEIGHS = 0 all weights are 1.
//   loss = POSITIVE_SHARE·w⁺/Σw⁺·θ⁺ − w⁻/Σw⁻·θ⁻, Σ the running sums; 0 without a negative, which b = 0 tells
//   θ = 2·asin(chord/2), ∂θ/∂chord = 1/√(1 − chord²/4); θ⁺ has none below LEAST_CHORD
//   coefficients = (∂loss/∂a / a, ∂loss/∂b / b), weights taken as constants
//
// distance [classes] of (a, b); running as in sdgmnet_angles; coefficients [classes] of vec2
// terms [classes] of vec4: (loss, w⁺ before it is scaled, θ⁻ − θ⁺, 0); one invocation a class

@group(0) @binding(0) var<storage, read> distance: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read> running: array<f32, 8>;
@group(0) @binding(2) var<storage, read_write> coefficients: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read_write> terms: array<vec4<f32>>;

struct Params { classes: u32 }
@group(0) @binding(4) var<uniform> params: Params;

#include "sdgmnet"

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let c = id.x;
  if (c < params.classes) {
    let d = distance[c];
    let figures = running;
    let angles = angles_of(d);
    var weights = vec2<f32>(1.0);
    if (WEIGHS == 1u) { weights = weights_of(angles, figures); }
    if (d.y == 0.0) { weights = vec2<f32>(0.0); }
    let factors = weights * vec2<f32>(POSITIVE_SHARE / figures[6], -1.0 / figures[7]);
    let slopes = inverseSqrt(vec2<f32>(1.0) - 0.25 * d * d);
    let is_flat = vec2<bool>(d.x < LEAST_CHORD, d.y == 0.0 || d.y >= 2.0);
    coefficients[c] = select(factors * slopes / d, vec2<f32>(0.0), is_flat);
    let loss = select(dot(factors, angles), 0.0, d.y == 0.0);
    terms[c] = vec4<f32>(loss, weights.x, angles.y - angles.x, 0.0);
  }
}
