// median: the lower median of n values, values[first + i·stride]: the one of rank (n − 1)/2, rounded down.
//   rank(i) = #{j : x_j < x_i, or x_j = x_i and j < i}, so exactly one invocation writes
//
// output[slot] receives it; one invocation a value

@group(0) @binding(0) var<storage, read> values: array<f32>;
@group(0) @binding(1) var<storage, read_write> output: array<f32>;

struct Params {
  n: u32,
  first: u32,
  stride: u32,
  slot: u32,
}
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let i = id.x;
  if (i < params.n) {
    let value = values[params.first + i * params.stride];
    var rank = 0u;
    var at = params.first;
    for (var j = 0u; j < params.n; j++) {
      let other = values[at];
      rank += u32((other < value) | ((other == value) & (j < i)));
      at += params.stride;
    }
    if (rank == (params.n - 1u) / 2u) {
      output[params.slot] = value;
    }
  }
}
