// Four channels of an activation in 32 bits each.
alias Activation = vec4<f32>;

fn load_activation(stored: Activation) -> vec4<f32> {
  return stored;
}

fn store_activation(value: vec4<f32>) -> Activation {
  return value;
}
