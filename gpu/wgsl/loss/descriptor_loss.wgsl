// descriptor_loss: per class the loss of its pairs' distances a, b and what their gradient needs; KIND is one of the ids that the
// table of losses gives.
//   b̂ = min(b, B/2), B = 2·(median(b) + A·median(a)) with USE_MEDIANS, else the constant
//   ExpTeacher, balance  W·(R·a² + b̂² − B·b̂);  W of the level b_T − a_T, or 1
//   annealing            the same with W = 1 where b̂ − a > threshold, else 0
//   triplet              V = max(0, margin + a − b);  W = 1 where it is positive, else 0
//   weighted triplet     W·V;  W of the level where V is positive, else 0
//   coefficients = scale·(∂loss/∂a / a, ∂loss/∂b / b): what multiplies x_i − x_j; 0 at distance 0
//
// distance, level_distance: [classes] of (a, b), the student's and those the level is read from
// medians (median(a), median(b)); coefficients [classes] of vec2
// terms [classes] of vec4: (loss, W, level, B/2); one invocation a class

@group(0) @binding(0) var<storage, read> distance: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read> level_distance: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read> medians: array<f32>;
@group(0) @binding(3) var<storage, read_write> coefficients: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read_write> terms: array<vec4<f32>>;

struct Params {
  classes: u32,
  scale: f32,
  positive_weight: f32,
  constant_bound: f32,
  positive_share: f32,
  threshold: f32,
  upper: f32,
  margin: f32,
}
@group(0) @binding(5) var<uniform> params: Params;

/// 0 up to the threshold, 1 from upper on, a parabola between them; 1 everywhere when both are equal.
fn balance_weight(level: f32) -> f32 {
  // 1 − (1 − s)² = s·(2 − s), which loses no digits where the weight is small.
  let s = (level - params.threshold) / (params.upper - params.threshold);
  var weight = s * (2.0 - s);
  if (level <= params.threshold) { weight = 0.0; }
  if (level >= params.upper) { weight = 1.0; }
  if (params.threshold == params.upper) { weight = 1.0; }
  return weight;
}

fn divide_or_zero(value: f32, divisor: f32) -> f32 {
  return select(value / divisor, 0.0, divisor == 0.0);
}

// A loss that no branch below computes does not compile.
const_assert KIND == EXP_TEACHER || KIND == BALANCE || KIND == ANNEALING || KIND == TRIPLET || KIND == WEIGHTED_TRIPLET;

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let c = id.x;
  if (c < params.classes) {
    let a = distance[c].x;
    let b = distance[c].y;
    var half_bound = 0.5 * params.constant_bound;
    if (USE_MEDIANS == 1u) {
      half_bound = fma(params.positive_share, medians[0], medians[1]);
    }
    var level = level_distance[c].y - level_distance[c].x;
    var weight = 1.0;
    var loss: f32;
    var to_positive: f32;
    var to_negative: f32;
    if (KIND == TRIPLET || KIND == WEIGHTED_TRIPLET) {
      let violation = params.margin + a - b;
      if (KIND == WEIGHTED_TRIPLET) { weight = balance_weight(level); }
      weight = select(weight, 0.0, violation <= 0.0);
      // Not max, which may drop a value that is not a number.
      loss = select(weight * violation, 0.0, violation <= 0.0);
      to_positive = weight;
      to_negative = -weight;
    } else if (KIND == EXP_TEACHER || KIND == BALANCE || KIND == ANNEALING) {
      let clamped = select(b, half_bound, b > half_bound);
      if (KIND == EXP_TEACHER) { weight = balance_weight(level); }
      if (KIND == ANNEALING) {
        level = clamped - a;
        weight = select(0.0, 1.0, level > params.threshold);
      }
      // b̂² − B·b̂ = b̂·(b̂ − B)
      let balance = fma(params.positive_weight * a, a, clamped * (clamped - 2.0 * half_bound));
      loss = weight * balance;
      to_positive = weight * 2.0 * params.positive_weight * a;
      to_negative = select(weight * 2.0 * (b - half_bound), 0.0, b > half_bound);
    }
    coefficients[c] = params.scale *
      vec2<f32>(divide_or_zero(to_positive, a), divide_or_zero(to_negative, b));
    terms[c] = vec4<f32>(loss, weight, level, half_bound);
  }
}
