// A thread of dense_shared takes two terms from a row at once, in half as many registers; the two halves of fours lie apart.
alias Terms = vec2<f32>;

fn terms_of(v: vec4<f32>, index: u32) -> Terms {
  return select(v.xy, v.zw, index == 1u);
}
