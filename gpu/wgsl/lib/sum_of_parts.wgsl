// Samples that one thread sums; `parts` has room for every thread's sum.
const PART: u32 = 64u;

// `total` and then the parts of the threads that have some of `left` samples, in order; the same in every thread, all of which have to call it.
fn with_parts(total: vec4<f32>, part: vec4<f32>, thread: u32, left: u32) -> vec4<f32> {
  parts[thread] = part;
  workgroupBarrier();
  var sum = total;
  for (var k = 0u; k < min(GROUP, (left + PART - 1u) / PART); k++) {
    sum += parts[k];
  }
  workgroupBarrier();
  return sum;
}
