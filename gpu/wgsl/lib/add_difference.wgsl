// L1: the score of a column is Σ_k |x_k − y_k|.
fn add_terms(score: f32, x: vec4<f32>, y: vec4<f32>) -> f32 {
  let difference = abs(x - y);
  return score + difference.x + difference.y + difference.z + difference.w;
}
