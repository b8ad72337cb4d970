// keep / (1 − rate) of four channels, by the place of the element in the whole batch; `Params` has stream and rate.
fn kept(element: u32) -> vec4<f32> {
  let bits = random_u32x4(params.stream_a, params.stream_b, params.stream_c, element);
  let unit = vec4<f32>(bits >> vec4<u32>(8u)) * (1.0 / 16777216.0);
  return select(vec4<f32>(1.0 / (1.0 - params.rate)), vec4<f32>(0.0), unit < vec4<f32>(params.rate));
}
