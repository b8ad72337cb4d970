// A thread of dense_shared takes four terms from a row at once.
alias Terms = vec4<f32>;

fn terms_of(v: vec4<f32>, index: u32) -> Terms {
  return v;
}
