// descriptor_loss_statistics: sums over classes, one invocation a figure, in a fixed order of partial sums.
//   0 loss   1 a   2 b   3 classes of weight 0   4 median(a)   5 median(b)   6 B/2
//   7 … classes whose level b_T − a_T lies in each of LEVEL_BINS equal parts of [−2, 2]
//   then classes whose W lies in each of WEIGHT_BINS equal parts of [0, 1]
//
// distance [classes] of (a, b); terms [classes] of (loss, W, level, B/2); medians (median(a), median(b))
// with `accumulate` a figure is added to what statistics holds

@group(0) @binding(0) var<storage, read> distance: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read> terms: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> medians: array<f32>;
@group(0) @binding(3) var<storage, read_write> statistics: array<f32>;

struct Params {
  classes: u32,
  accumulate: u32,
}
@group(0) @binding(4) var<uniform> params: Params;

const PARTIAL: u32 = 64u;
const FIRST_LEVEL: u32 = 7u;
const FIRST_WEIGHT: u32 = FIRST_LEVEL + LEVEL_BINS;
const FIGURES: u32 = FIRST_WEIGHT + WEIGHT_BINS;

/// The bin of a value in [0, 1); beyond the ends it is the outermost one.
fn bin_of(share: f32, bins: u32) -> u32 {
  return min(u32(max(share, 0.0) * f32(bins)), bins - 1u);
}

fn figure_of(figure: u32, c: u32) -> f32 {
  let term = terms[c];
  var value = 0.0;
  if (figure == 0u) { value = term.x; }
  if (figure == 1u) { value = distance[c].x; }
  if (figure == 2u) { value = distance[c].y; }
  if (figure == 3u) { value = select(0.0, 1.0, term.y == 0.0); }
  if (figure >= FIRST_LEVEL) {
    let level_figure = FIRST_LEVEL + bin_of((term.z + 2.0) * 0.25, LEVEL_BINS);
    let weight_figure = FIRST_WEIGHT + bin_of(term.y, WEIGHT_BINS);
    value = select(0.0, 1.0, figure == level_figure || figure == weight_figure);
  }
  return value;
}

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let figure = id.x;
  if (figure < FIGURES) {
    var sum = 0.0;
    if (figure == 4u || figure == 5u) {
      sum = medians[figure - 4u];
    } else if (figure == 6u) {
      sum = terms[0].w;
    } else {
      for (var start = 0u; start < params.classes; start += PARTIAL) {
        let end = min(start + PARTIAL, params.classes);
        var partial = 0.0;
        for (var c = start; c < end; c++) {
          partial += figure_of(figure, c);
        }
        sum += partial;
      }
    }
    if (params.accumulate == 1u) { sum += statistics[figure]; }
    statistics[figure] = sum;
  }
}
