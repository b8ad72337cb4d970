// hardest_pair: per class the row whose hardest positive is farthest and the row whose hardest negative is
// nearest, each with its partner; the first row on ties.
//   pairs[c] = (i, j⁺, i′, j⁻)
//
// first_row_of_class [≥ classes + 1]; the four others [≥ n]; pairs [≥ classes] of vec4; one invocation a class

@group(0) @binding(0) var<storage, read> first_row_of_class: array<u32>;
@group(0) @binding(1) var<storage, read> positive_distance: array<f32>;
@group(0) @binding(2) var<storage, read> positive_index: array<u32>;
@group(0) @binding(3) var<storage, read> negative_distance: array<f32>;
@group(0) @binding(4) var<storage, read> negative_index: array<u32>;
@group(0) @binding(5) var<storage, read_write> pairs: array<vec4<u32>>;

struct Params { classes: u32 }
@group(0) @binding(6) var<uniform> params: Params;

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let class_index = id.x;
  if (class_index < params.classes) {
    let first = first_row_of_class[class_index];
    let end = first_row_of_class[class_index + 1u];
    var positive = first;
    var negative = first;
    for (var i = first + 1u; i < end; i++) {
      if (positive_distance[i] > positive_distance[positive]) { positive = i; }
      if (negative_distance[i] < negative_distance[negative]) { negative = i; }
    }
    pairs[class_index] = vec4<u32>(
      positive,
      positive_index[positive],
      negative,
      negative_index[negative],
    );
  }
}
