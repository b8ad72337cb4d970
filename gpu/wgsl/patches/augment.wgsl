// augment: 8-bit 64×64 → 32×32 through an affine map per patch, in one pass, divided by 255.
//   y[r, c] = Σ_p Λ(∂c)·Λ(∂r)·v(p) / Σ_p Λ(∂c)·Λ(∂r),  Λ(t) = max(0, 1 − |t|),  (∂c, ∂r) = M⁻¹·(p − m(c, r))
// The sums run over the patch's pixels p around the place m(c, r) that the output pixel comes from: the footprint is
// the parallelogram of ±1 output pixel, which M maps to at most COLUMNS×ROWS
// patch pixels.
//   v(p): the pixel's value; beyond the border the nearest one, and 0 from 3 pixels beyond on
//
// bytes [count, 64, 64] packed, four in a word, lowest byte first; y [N, 32, 32]
// transforms [·/L, 12, L]: m as (xc, xr, x0, yc, yr, y0), M⁻¹ as (cx, cy, rx, ry), the footprint's half width and height
// count patches, L = 32 of them a block; N ≥ count; places from count to the end of the last block get 0
// A workgroup computes 8 columns of 4·RUN rows of one patch, a thread RUN outputs of a column: neighbours read pixels near each
// other, whether the map transposes or not.

@group(0) @binding(0) var<storage, read> bytes: array<u32>;
@group(0) @binding(1) var<storage, read> transforms: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

struct Params {
  count: u32,
  first_patch: u32,
  first_transform: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

fn triangle(t: f32) -> f32 {
  return max(0.0, 1.0 - abs(t));
}

@compute @workgroup_size(32)
fn main(
  @builtin(local_invocation_id) local: vec3<u32>,
  @builtin(workgroup_id) group: vec3<u32>,
) {
  let sample = group.z * L + group.y;
  let c = group.x % 4u * 8u + local.x % 8u;
  let first_row = group.x / 4u * 4u * RUN + local.x / 8u;
  let out = (sample * 32u + first_row) * 32u + c;
  if (sample < params.count) {
    let patch_word = (params.first_patch + sample) * 1024u;
    let t = params.first_transform + sample;
    let at = (t / L) * 12u * L + t % L;
    let across = vec2<f32>(transforms[at], transforms[at + 3u * L]);
    let down = vec2<f32>(transforms[at + L], transforms[at + 4u * L]);
    let origin = vec2<f32>(transforms[at + 2u * L], transforms[at + 5u * L]);
    let cx = transforms[at + 6u * L];
    let cy = transforms[at + 7u * L];
    let rx = transforms[at + 8u * L];
    let ry = transforms[at + 9u * L];
    let reach = vec2<f32>(transforms[at + 10u * L], transforms[at + 11u * L]);
    for (var run = 0u; run < RUN; run++) {
      let r = first_row + 4u * run;
      let place = fma(across, vec2<f32>(f32(c)), fma(down, vec2<f32>(f32(r)), origin));
      let first = floor(place - reach - 0.5) + 1.0;
      // From the place to the first pixel's centre, in patch pixels.
      let offset = first + 0.5 - place;
      let column = i32(first.x);
      let row = i32(first.y);
      var value = 0.0;
      var total = 0.0;
      // @unroll
      for (var j = 0; j < ROWS; j++) {
        let q = row + i32(j);
        let dy = offset.y + f32(j);
        let row_word = patch_word + u32(clamp(q, 0, 63)) * 16u;
        // & and not &&, here and below: && is a branch, and some compilers take minutes over hundreds of them.
        let row_inside = (q >= -3) & (q < 67);
        // @unroll
        for (var i = 0; i < COLUMNS; i++) {
          let p = column + i32(i);
          let dx = offset.x + f32(i);
          let weight = triangle(fma(cx, dx, cy * dy)) * triangle(fma(rx, dx, ry * dy));
          let byte = u32(clamp(p, 0, 63));
          let pixel = (bytes[row_word + (byte >> 2u)] >> (8u * (byte & 3u))) & 255u;
          let inside = row_inside & (p >= -3) & (p < 67);
          value = fma(weight, select(0.0, f32(pixel), inside), value);
          total += weight;
        }
      }
      y[out + 128u * run] = value / (255.0 * total);
    }
  } else if ((sample + 1u) * 1024u <= arrayLength(&y)) {
    for (var run = 0u; run < RUN; run++) {
      y[out + 128u * run] = 0.0;
    }
  }
}
