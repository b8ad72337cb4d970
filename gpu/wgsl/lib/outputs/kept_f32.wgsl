// Four channels of what the forward pass kept in 32 bits each, where a kernel reads gradients as well.
alias Kept = vec4<f32>;

fn load_kept(stored: Kept) -> vec4<f32> {
  return stored;
}
