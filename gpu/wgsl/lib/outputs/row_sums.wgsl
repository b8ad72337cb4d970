// SUMS sums over the pixels of a row of four channels, for an output that wants them, where the planes of a kernel of squares were, which
// has them at place_of(kind, row, lane): halves of a vec4 apart, so that those of neighbours lie beside each other.
const HALF: u32 = SUMS * SAMPLES * ROWS * LANES;

fn row_sum(kind: u32, row: u32, lane: u32) -> vec4<f32> {
  let at = place_of(kind, row, lane);
  return vec4<f32>(planes[at], planes[HALF + at]);
}

fn set_row_sum(kind: u32, row: u32, lane: u32, sum: vec4<f32>) {
  let at = place_of(kind, row, lane);
  planes[at] = sum.xy;
  planes[HALF + at] = sum.zw;
}
