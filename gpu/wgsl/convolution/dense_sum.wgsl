// dense_sum: z[n,o] = Σ_p partial[p,n,o], parts in order.
//   partial [PARTS, count, OUT4, 4];  z [ALL, OUT4, 4], written from `first` on
//
// size: elements of a part / 4;  first: elements before them in z / 4
// One thread computes four elements.

@group(0) @binding(0) var<storage, read> partial: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> z: array<vec4<f32>>;

struct Params {
  parts: u32,
  size: u32,
  first: u32,
}
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let size = params.size;
  if (id.x >= size) {
    return;
  }
  var sum = vec4<f32>(0.0);
  for (var p = 0u; p < params.parts; p++) {
    sum += partial[p * size + id.x];
  }
  z[params.first + id.x] = sum;
}
