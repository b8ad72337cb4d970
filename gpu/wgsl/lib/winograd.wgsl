// Winograd's F(4×4, 3×3), y = Aᵀ [(G w Gᵀ) ⊙ (Bᵀ x B)] A, over the points 0, ±a, ±b, ∞. Every function is one of its
// one-dimensional maps. a = 2/3 and b = 3/2 round least of the pairs tried: 1.1e-6 root mean square for 128 channels,
// where the direct sum rounds 0.6e-6 and the usual points 1 and 2 round 2.4e-6.

const a: f32 = 2.0 / 3.0;
const b: f32 = 1.5;
const a2: f32 = a * a;
const b2: f32 = b * b;

// Bᵀ: six inputs → six points.
fn to_points(d: array<vec4<f32>, 6>) -> array<vec4<f32>, 6> {
  let even_a = d[4] - b2 * d[2];
  let odd_a = a * (d[3] - b2 * d[1]);
  let even_b = d[4] - a2 * d[2];
  let odd_b = b * (d[3] - a2 * d[1]);
  return array<vec4<f32>, 6>(
    d[4] - (a2 + b2) * d[2] + (a2 * b2) * d[0],
    even_a + odd_a,
    even_a - odd_a,
    even_b + odd_b,
    even_b - odd_b,
    d[5] - (a2 + b2) * d[3] + (a2 * b2) * d[1],
  );
}

// Aᵀ: six points → four outputs.
fn from_points(m: array<vec4<f32>, 6>) -> array<vec4<f32>, 4> {
  let sum_a = m[1] + m[2];
  let difference_a = m[1] - m[2];
  let sum_b = m[3] + m[4];
  let difference_b = m[3] - m[4];
  return array<vec4<f32>, 4>(
    m[0] + sum_a + sum_b,
    a * difference_a + b * difference_b,
    a2 * sum_a + b2 * sum_b,
    (a * a2) * difference_a + (b * b2) * difference_b + m[5],
  );
}

// A: four gradients of outputs → six points.
fn gradient_to_points(y: array<vec4<f32>, 4>) -> array<vec4<f32>, 6> {
  let even_a = y[0] + a2 * y[2];
  let odd_a = a * (y[1] + a2 * y[3]);
  let even_b = y[0] + b2 * y[2];
  let odd_b = b * (y[1] + b2 * y[3]);
  return array<vec4<f32>, 6>(
    y[0],
    even_a + odd_a,
    even_a - odd_a,
    even_b + odd_b,
    even_b - odd_b,
    y[3],
  );
}

const g_0: f32 = 1.0 / (a2 * b2);
const g_a: f32 = 1.0 / (2.0 * a2 * (a2 - b2));
const g_b: f32 = 1.0 / (2.0 * b2 * (b2 - a2));

// G: three weights → six points.
fn weights_to_points(w: array<vec4<f32>, 3>) -> array<vec4<f32>, 6> {
  let even_a = g_a * (w[0] + a2 * w[2]);
  let odd_a = (g_a * a) * w[1];
  let even_b = g_b * (w[0] + b2 * w[2]);
  let odd_b = (g_b * b) * w[1];
  return array<vec4<f32>, 6>(
    g_0 * w[0],
    even_a + odd_a,
    even_a - odd_a,
    even_b + odd_b,
    even_b - odd_b,
    w[2],
  );
}

// Gᵀ: six points' gradients → three weights' gradients.
fn weights_from_points(u: array<vec4<f32>, 6>) -> array<vec4<f32>, 3> {
  let sum_a = g_a * (u[1] + u[2]);
  let sum_b = g_b * (u[3] + u[4]);
  return array<vec4<f32>, 3>(
    g_0 * u[0] + sum_a + sum_b,
    (g_a * a) * (u[1] - u[2]) + (g_b * b) * (u[3] - u[4]),
    a2 * sum_a + b2 * sum_b + u[5],
  );
}
