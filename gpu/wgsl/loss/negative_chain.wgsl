// negative_chain: lists, per row, the classes whose negative partner j⁻ it is, in ascending order.
//   head[row] = 1 + the first such class, 0 when there is none (cleared beforehand)
//   next[c] = 1 + the next class with c's partner, 0 after the last
// Every class finds its neighbours in the list by looking; only the first of a list writes head.
//
// pairs [classes] of (i, j⁺, i′, j⁻); one invocation a class

@group(0) @binding(0) var<storage, read> pairs: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> head: array<u32>;
@group(0) @binding(2) var<storage, read_write> next: array<u32>;

struct Params { classes: u32 }
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let c = id.x;
  if (c < params.classes) {
    let partner = pairs[c].w;
    var is_first = true;
    var following = 0u;
    // Downwards, so that the last match kept is the nearest above c.
    for (var other = params.classes; other > 0u; other--) {
      let matches = pairs[other - 1u].w == partner;
      is_first = is_first & !(matches & (other - 1u < c));
      following = select(following, other, matches & (other - 1u > c));
    }
    next[c] = following;
    if (is_first) {
      head[partner] = c + 1u;
    }
  }
}
