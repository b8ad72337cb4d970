// transpose_weights: the weights of a 3×3 convolution with its channels exchanged, for the input gradient:
//   target[k/B, c/4, p, q, c%4, k%B] = source[c/16, k/4, p, q, k%4, c%16]
//
// source: weights [OUT/16][IN/4][3][3][4][16] as conv3x3 reads them;  target: [IN/B][OUT/4][3][3][4][B]
// c: output channel of the forward convolution, k: input channel;  TURNED: whether the taps are turned about, as stride 1 wants them

@group(0) @binding(0) var<storage, read> source: array<f32>;
@group(0) @binding(1) var<storage, read_write> target_weights: array<f32>;

struct Params {
  IN: u32,
  OUT: u32,
}
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let IN = params.IN;
  let OUT = params.OUT;
  let at = id.x;
  let target_tap = at / (4u * B) % 9u;
  let tap = select(target_tap, 8u - target_tap, TURNED == 1u);
  let c = at / (36u * B) % (OUT / 4u) * 4u + at / B % 4u;
  let k = at / (9u * OUT * B) * B + at % B;
  target_weights[at] = source[(((c / 16u) * (IN / 4u) + k / 4u) * 9u + tap) * 64u + k % 4u * 16u + c % 16u];
}
