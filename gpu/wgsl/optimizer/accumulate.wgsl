// accumulate: total_k[i] ← total_k[i] + Σ_p partial[p·stride + k·size + i], parts in order, for i < size and every total k.
// The order does not depend on how a batch was cut, so neither does a bit of the result.
//
// total_k is `totals` from element first[k] on

@group(0) @binding(0) var<storage, read> partial: array<f32>;
@group(0) @binding(1) var<storage, read_write> totals: array<f32>;

struct Params {
  parts: u32,
  stride: u32,
  size: u32,
  unused: u32,
  first: vec4<u32>,
}
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(workgroup_id) group: vec3<u32>,
) {
  let i = id.x;
  if (i < params.size) {
    let total = params.first[group.y] + i;
    let first = group.y * params.size + i;
    var sum = totals[total];
    for (var p = 0u; p < params.parts; p++) {
      sum += partial[p * params.stride + first];
    }
    totals[total] = sum;
  }
}
