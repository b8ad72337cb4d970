// accumulate: total[i] ← total[i] + Σ_p partial[p·stride + offset + i], parts in order, for i < size.
// The order does not depend on how a batch was cut, so neither does a bit of the result.

@group(0) @binding(0) var<storage, read> partial: array<f32>;
@group(0) @binding(1) var<storage, read_write> total: array<f32>;

struct Params {
  parts: u32,
  stride: u32,
  offset: u32,
  size: u32,
}
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  if (i < params.size) {
    var sum = total[i];
    for (var p = 0u; p < params.parts; p++) {
      sum += partial[p * params.stride + params.offset + i];
    }
    total[i] = sum;
  }
}
