// accumulate: total_k[i] ← total_k[i] + Σ_p part_p[k·size + i], parts in order, for all totals of several sums.
// The order does not depend on how a batch was cut, so neither does a bit of the result.
//
// The parts of a sum lie one behind the other in `partial` from element `first` on, each filled up to whole vec4; total_k is
// `totals` from element totals[k] on. Workgroups go through the elements of one sum, then of the next.

@group(0) @binding(0) var<storage, read> partial: array<f32>;
@group(0) @binding(1) var<storage, read_write> totals: array<f32>;

struct Sum {
  // elements of one total, and of all totals of the sum
  size: u32,
  elements: u32,
  first: u32,
  parts: u32,
  totals: vec4<u32>,
}
struct Params {
  sums: array<Sum, SUMS>,
}
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  var which = 0u;
  var group = id.x;
  while (which < SUMS - 1u) {
    let groups = (params.sums[which].elements + GROUP - 1u) / GROUP;
    if (group < groups) {
      break;
    }
    group -= groups;
    which++;
  }
  let place = group * GROUP + thread;
  let size = params.sums[which].size;
  let elements = params.sums[which].elements;
  if (place < elements) {
    let total = params.sums[which].totals[place / size] + place % size;
    let stride = (elements + 3u) / 4u * 4u;
    let parts = params.sums[which].parts;
    var at = params.sums[which].first + place;
    var sum = totals[total];
    var p = 0u;
    // Loads do not wait for the sum: AHEAD of them are under way at once.
    for (; p + AHEAD <= parts; p += AHEAD) {
      var some: array<f32, AHEAD>;
      // @unroll
      for (var k = 0u; k < AHEAD; k++) {
        some[k] = partial[at + k * stride];
      }
      // @unroll
      for (var k = 0u; k < AHEAD; k++) {
        sum += some[k];
      }
      at += AHEAD * stride;
    }
    for (; p < parts; p++) {
      sum += partial[at];
      at += stride;
    }
    totals[total] = sum;
  }
}
