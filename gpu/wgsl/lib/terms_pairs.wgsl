// Two terms of four are what a thread of dense_shared takes from a row at once: half as many registers.
alias Terms = vec2<f32>;

fn terms_of(v: vec4<f32>, half: u32) -> Terms {
  return select(v.xy, v.zw, half == 1u);
}
