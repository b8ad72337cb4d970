// descriptor_loss_gradient: each row gathers the pairs that it takes part in.
//   g_r = α_c·(x_r − x_{j⁺}) if r = i of its class c, α_c·(x_r − x_i) if r = j⁺, β_c·(x_r − x_{j⁻}) if r = i′
//       + Σ β_c′·(x_r − x_{i′}) over the classes c′ whose j⁻ is r, in ascending order
//
// x descriptors, gradient: [B, D, L]; class_of_row [≥ n]; pairs [classes] of (i, j⁺, i′, j⁻)
// coefficients [classes] of (α, β); head [≥ n] and next [≥ classes]: the lists of negative_chain
// n rows; D = DIMENSION components; L = 32 rows a block; rows from n to the block's end get zero
// one invocation CHUNK components of one row; with `accumulate` it adds to what the gradient holds

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> class_of_row: array<u32>;
@group(0) @binding(2) var<storage, read> pairs: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> coefficients: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read> head: array<u32>;
@group(0) @binding(5) var<storage, read> next: array<u32>;
@group(0) @binding(6) var<storage, read_write> gradient: array<f32>;

struct Params {
  n: u32,
  accumulate: u32,
}
@group(0) @binding(7) var<uniform> params: Params;

var<private> own: array<f32, CHUNK>;
var<private> sums: array<f32, CHUNK>;

/// Place of component k of a row; the next one is L further on.
fn place(row: u32, k: u32) -> u32 {
  return ((row / L) * DIMENSION + k) * L + row % L;
}

/// sums += factor·(own − x_partner)
fn add_pair(factor: f32, partner: u32, first: u32) {
  let at = place(partner, first);
  // @unroll
  for (var k = 0; k < CHUNK; k++) {
    sums[k] = fma(factor, own[k] - x[at + k * L], sums[k]);
  }
}

@compute @workgroup_size(L)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.x;
  let first = id.y * CHUNK;
  let at = place(row, first);
  // @unroll
  for (var k = 0; k < CHUNK; k++) {
    sums[k] = 0.0;
  }
  if (row < params.n) {
    // @unroll
    for (var k = 0; k < CHUNK; k++) {
      own[k] = x[at + k * L];
    }
    let c = class_of_row[row];
    let pair = pairs[c];
    let factors = coefficients[c];
    if (row == pair.x) { add_pair(factors.x, pair.y, first); }
    if (row == pair.y) { add_pair(factors.x, pair.x, first); }
    if (row == pair.z) { add_pair(factors.y, pair.w, first); }
    for (var link = head[row]; link != 0u; link = next[link - 1u]) {
      add_pair(coefficients[link - 1u].y, pairs[link - 1u].z, first);
    }
    if (params.accumulate == 1u) {
      // @unroll
      for (var k = 0; k < CHUNK; k++) {
        sums[k] += gradient[at + k * L];
      }
    }
  }
  // @unroll
  for (var k = 0; k < CHUNK; k++) {
    gradient[at + k * L] = sums[k];
  }
}
