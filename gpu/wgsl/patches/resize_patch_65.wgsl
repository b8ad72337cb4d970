// resize_patch_65: 8-bit 65×65 → 32×32 as OpenCV's bilinear resize without antialiasing; values stay 0 … 255.
//   x = (j + ½)·65/32 − ½ = ((2j + 1)·65 − 32)/64,  i = ⌊x⌋,  f = x − i;  w1 = 2048·f,  w0 = 2048 − w1 (both whole)
//   rows first: h = p[i]·w0 + p[i+1]·w1;  y = ((w0·(h_i >> 4) >> 16) + (w1·(h_{i+1} >> 4) >> 16) + 2) >> 2
//
// bytes [count, 65, 65] packed without gaps, four in a word, lowest byte first; y [N, 32, 32]
// count patches, L = 32 of them a workgroup; N ≥ count; places from count to the end of the last workgroup get 0
// one invocation one output of one patch

@group(0) @binding(0) var<storage, read> bytes: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

struct Params {
  count: u32,
  first_patch: u32,
}
@group(0) @binding(2) var<uniform> params: Params;

fn pixel(index: u32) -> u32 {
  return (bytes[index >> 2u] >> (8u * (index & 3u))) & 255u;
}

@compute @workgroup_size(L)
fn main(
  @builtin(local_invocation_id) local: vec3<u32>,
  @builtin(workgroup_id) group: vec3<u32>,
) {
  let sample = group.z * L + local.x;
  let j = group.x;
  let i = group.y;
  var value = 0u;
  if (sample < params.count) {
    let x = (2u * j + 1u) * 65u - 32u;
    let x1 = (x & 63u) * 32u;
    let x0 = 2048u - x1;
    let v = (2u * i + 1u) * 65u - 32u;
    let v1 = (v & 63u) * 32u;
    let v0 = 2048u - v1;
    let at = (params.first_patch + sample) * 4225u + (v >> 6u) * 65u + (x >> 6u);
    let upper = pixel(at) * x0 + pixel(at + 1u) * x1;
    let lower = pixel(at + 65u) * x0 + pixel(at + 66u) * x1;
    value = (((v0 * (upper >> 4u)) >> 16u) + ((v1 * (lower >> 4u)) >> 16u) + 2u) >> 2u;
  }
  let out = (sample * 32u + i) * 32u + j;
  if (out < arrayLength(&y)) {
    y[out] = f32(value);
  }
}
