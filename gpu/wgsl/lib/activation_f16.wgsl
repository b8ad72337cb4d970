// Four channels of an activation in 16 bits each: 11 significant bits, ±65504 at most. What is beyond goes to the
// nearest end, because WGSL leaves to the adapter what a conversion out of range gives.
enable f16;

alias Activation = vec4<f16>;

fn load_activation(stored: Activation) -> vec4<f32> {
  return vec4<f32>(stored);
}

fn store_activation(value: vec4<f32>) -> Activation {
  return vec4<f16>(clamp(value, vec4<f32>(-65504.0), vec4<f32>(65504.0)));
}
