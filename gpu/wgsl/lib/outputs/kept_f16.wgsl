// Four channels of what the forward pass kept in 16 bits each, where a kernel reads gradients as well.
enable f16;

alias Kept = vec4<f16>;

fn load_kept(stored: Kept) -> vec4<f32> {
  return vec4<f32>(stored);
}
