// Counter-based random numbers: a pure function of (stream, index); its twin on the CPU is gpu/random_bits.ts.
//
// The hash is pcg4d (Jarzynski and Olano, Hash Functions for GPU Rendering, JCGT 2020): a linear congruential
// step of each of four words, two rounds of cross multiplication with a fold of the high halves between them.
// a, b, c: the three words of a stream (gpu/random_bits.ts: randomStream); index: the draw's number within it.

/// Four independent words.
fn random_u32x4(a: u32, b: u32, c: u32, index: u32) -> vec4<u32> {
  var v = vec4<u32>(a, b, c, index) * 1664525u + 1013904223u;
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  v ^= v >> vec4<u32>(16u);
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  return v;
}

/// One word: the first of the four.
fn random_u32(a: u32, b: u32, c: u32, index: u32) -> u32 {
  return random_u32x4(a, b, c, index).x;
}

/// A word's upper 24 bits as a float in [0, 1): exact, never 1.
fn random_unit(bits: u32) -> f32 {
  return f32(bits >> 8u) * (1.0 / 16777216.0);
}
