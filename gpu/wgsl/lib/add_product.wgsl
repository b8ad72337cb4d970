// L2: the score of a column is ½‖y‖² − ⟨x, y⟩, half of ‖x − y‖² − ‖x‖².
fn add_terms(score: f32, x: vec4<f32>, y: vec4<f32>) -> f32 {
  return fma(-x.w, y.w, fma(-x.z, y.z, fma(-x.y, y.y, fma(-x.x, y.x, score))));
}
