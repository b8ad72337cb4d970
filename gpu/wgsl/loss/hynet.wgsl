// hynet: per class the hinge of its pairs' hybrid similarities, the difference of its views' lengths, and what their gradients need.
//   p = √(a² + ε), n = √(b² + ε), ε = SQUARE_EPSILON;  s(d) = d + α·d²/2;  V = margin + s(p) − s(n)
//   l = √(norm² + ε) of the left view (row 2c), r of the right one (row 2c + 1)
//   loss V where it is positive, else 0, and 0 without a negative, which b = 0 tells; plus NORM_WEIGHT·(l − r)²
//   coefficients = (∂loss/∂a / a, ∂loss/∂b / b) = ((1 + α·p)/p, −(1 + α·n)/n) where V is positive
//   norm_gradient = ∂loss/∂norm = 2·NORM_WEIGHT·(l − r)·(norm_left / l, −norm_right / r)
//
// distance [classes] of (a, b); norm [classes] of (left, right); coefficients, norm_gradient [classes] of vec2
// terms [classes] of vec4: (loss, W, n − p, 0), W = 1 where V is positive, else 0; one invocation a class

@group(0) @binding(0) var<storage, read> distance: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read> norm: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read_write> coefficients: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read_write> norm_gradient: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read_write> terms: array<vec4<f32>>;

struct Params {
  classes: u32,
  margin: f32,
}
@group(0) @binding(5) var<uniform> params: Params;

fn hybrid(d: f32) -> f32 {
  return fma(0.5 * ALPHA * d, d, d);
}

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let c = id.x;
  if (c < params.classes) {
    let d = distance[c];
    let p = sqrt(fma(d.x, d.x, SQUARE_EPSILON));
    let n = sqrt(fma(d.y, d.y, SQUARE_EPSILON));
    let violation = params.margin + hybrid(p) - hybrid(n);
    let weight = select(1.0, 0.0, violation <= 0.0 || d.y == 0.0);
    coefficients[c] = weight * vec2<f32>(1.0 / p + ALPHA, -1.0 / n - ALPHA);
    let norms = norm[c];
    let lengths = sqrt(norms * norms + vec2<f32>(SQUARE_EPSILON));
    let apart = lengths.x - lengths.y;
    norm_gradient[c] = 2.0 * NORM_WEIGHT * apart * vec2<f32>(norms.x / lengths.x, -norms.y / lengths.y);
    let loss = select(violation, 0.0, weight == 0.0);
    terms[c] = vec4<f32>(fma(NORM_WEIGHT * apart, apart, loss), weight, n - p, 0.0);
  }
}
