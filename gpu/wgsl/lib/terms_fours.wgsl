// All terms that a thread of dense_shared takes from a row at once lie together.
alias Terms = vec4<f32>;

fn terms_of(v: vec4<f32>, half: u32) -> Terms {
  return v;
}
