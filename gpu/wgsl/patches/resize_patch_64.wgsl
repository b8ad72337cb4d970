// resize_patch_64: 8-bit 64×64 → 32×32 as PIL's antialiased bilinear, divided by 255.
//   rows first, then columns: r = (w0·p[2j−1] + w1·p[2j] + w1·p[2j+1] + w0·p[2j+2] + half) >> 22, twice
//   weights 1/8 3/8 3/8 1/8 in units of 2⁻²²; at the borders 3/7 3/7 1/7 without the tap outside
//
// bytes [count, 64, 64] packed, four in a word, lowest byte first; y [N, 32, 32]
// count patches, L = 32 of them a workgroup; N ≥ count; places from count to the end of the last workgroup get 0
// one invocation two neighbouring outputs of one patch: columns 2q and 2q + 1 stand on words q − 1, q and q + 1

@group(0) @binding(0) var<storage, read> bytes: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

struct Params {
  count: u32,
  first_patch: u32,
}
@group(0) @binding(2) var<uniform> params: Params;

const HALF: u32 = 1u << 21u;

/// Weights (outer before, inner before, inner after, outer after) of output j, PIL's rounding to 2⁻²².
fn weights_of(j: u32) -> vec4<u32> {
  var w = vec4<u32>(524288u, 1572864u, 1572864u, 524288u);
  if (j == 0u) { w = vec4<u32>(0u, 1797559u, 1797559u, 599186u); }
  if (j == 31u) { w = vec4<u32>(599186u, 1797559u, 1797559u, 0u); }
  return w;
}

fn filtered(w: vec4<u32>, taps: vec4<u32>) -> u32 {
  let products = w * taps;
  return (products.x + products.y + products.z + products.w + HALF) >> 22u;
}

/// Row `row` of the patch, filtered to outputs 2q and 2q + 1.
fn row_pair(patch_word: u32, row: u32, q: u32) -> vec2<u32> {
  let at = patch_word + row * 16u;
  let before = bytes[at + max(q, 1u) - 1u];
  let word = bytes[at + q];
  let after = bytes[at + min(q + 1u, 15u)];
  let p = vec4<u32>(word, word >> 8u, word >> 16u, word >> 24u) & vec4<u32>(255u);
  return vec2<u32>(
    filtered(weights_of(2u * q), vec4<u32>(before >> 24u, p.x, p.y, p.z)),
    filtered(weights_of(2u * q + 1u), vec4<u32>(p.y, p.z, p.w, after & 255u)),
  );
}

/// v/255 for v from 0 to 255, rounded to nearest: division may be off by more, as the adapter likes. In base 256 the
/// fraction is the digit v for ever, so rotating four of them drops leading zeros and keeps the digits that follow.
fn share_of_255(v: u32) -> f32 {
  let zeros = countLeadingZeros(v << 24u) & 7u;
  let digits = v * 0x01010101u;
  let rotated = (digits << zeros) | ((digits >> 1u) >> (31u - zeros));
  // The leading one of the 24 bits adds itself to the exponent; 255 rounds up to the next power, 1.
  let bits = ((125u - zeros) << 23u) + (rotated >> 8u) + ((rotated >> 7u) & 1u);
  return select(bitcast<f32>(bits), 0.0, v == 0u);
}

@compute @workgroup_size(L)
fn main(
  @builtin(local_invocation_id) local: vec3<u32>,
  @builtin(workgroup_id) group: vec3<u32>,
) {
  let sample = group.z * L + local.x;
  let q = group.x;
  let i = group.y;
  var value = vec2<u32>(0u);
  if (sample < params.count) {
    let patch_word = (params.first_patch + sample) * 1024u;
    let r0 = row_pair(patch_word, max(2u * i, 1u) - 1u, q);
    let r1 = row_pair(patch_word, 2u * i, q);
    let r2 = row_pair(patch_word, 2u * i + 1u, q);
    let r3 = row_pair(patch_word, min(2u * i + 2u, 63u), q);
    let w = weights_of(i);
    value.x = filtered(w, vec4<u32>(r0.x, r1.x, r2.x, r3.x));
    value.y = filtered(w, vec4<u32>(r0.y, r1.y, r2.y, r3.y));
  }
  let at = (sample * 32u + i) * 32u + 2u * q;
  if (at + 1u < arrayLength(&y)) {
    y[at] = share_of_255(value.x);
    y[at + 1u] = share_of_255(value.y);
  }
}
