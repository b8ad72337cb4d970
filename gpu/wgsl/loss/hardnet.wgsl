// hardnet: per class the hinge of its pairs' distances a, b and what their gradient needs.
//   p = √(a² + ε), n = √(b² + ε), ε = SQUARE_EPSILON;  V = margin + p − n
//   loss V where it is positive, else 0; 0 without a negative, which b = 0 tells
//   coefficients = scale·(∂loss/∂a / a, ∂loss/∂b / b) = scale·(1/p, −1/n) where V is positive
//
// distance [classes] of (a, b); coefficients [classes] of vec2
// terms [classes] of vec4: (loss, W, n − p, 0), W = 1 where V is positive, else 0; one invocation a class

@group(0) @binding(0) var<storage, read> distance: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read_write> coefficients: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read_write> terms: array<vec4<f32>>;

struct Params {
  classes: u32,
  scale: f32,
  margin: f32,
}
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let c = id.x;
  if (c < params.classes) {
    let d = distance[c];
    let p = sqrt(fma(d.x, d.x, SQUARE_EPSILON));
    let n = sqrt(fma(d.y, d.y, SQUARE_EPSILON));
    let violation = params.margin + p - n;
    // Not max, which may drop a value that is not a number.
    let weight = select(1.0, 0.0, violation <= 0.0 || d.y == 0.0);
    coefficients[c] = params.scale * weight * vec2<f32>(1.0 / p, -1.0 / n);
    terms[c] = vec4<f32>(select(violation, 0.0, weight == 0.0), weight, n - p, 0.0);
  }
}
