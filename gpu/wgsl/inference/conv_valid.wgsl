// conv_valid: y[n,k,i,j] = bias[k] + Σ_{c,p,q} w[k,c,p,q] · x[n,c,i+p,j+q], a P×P convolution without padding
//   x [N, CV, H+P−1, W+P−1, V], V channels together, CV times;  y [N, OUT4, H, W, 4]
//   w [CV·V, P, P, 4·OUT4];  bias [OUT4, 4]
//
// One thread computes TW pixels of a row of 4·KB channels; its sums run over c by fours, then p, then q, then within the four.

const XH: u32 = H + P - 1u;
const XW: u32 = W + P - 1u;
const TILES: u32 = W / TW;
const BLOCKS: u32 = OUT4 / KB;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> bias: array<vec4<f32>, OUT4>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let j0 = id.x % TILES * TW;
  let i = id.x / TILES % H;
  let k0 = id.x / (TILES * H) % BLOCKS * KB;
  let n = id.x / (TILES * H * BLOCKS);
  var sum: array<vec4<f32>, TW * KB>;
  // @unroll
  for (var k = 0u; k < KB; k++) {
    let b = bias[k0 + k];
    // @unroll
    for (var j = 0u; j < TW; j++) {
      sum[j * KB + k] = b;
    }
  }
  for (var c = 0u; c < CV; c++) {
    for (var p = 0u; p < P; p++) {
      let x0 = ((n * CV + c) * XH + i + p) * XW + j0;
      for (var q = 0u; q < P; q++) {
        for (var v = 0u; v < V; v++) {
          let w0 = (((c * V + v) * P + p) * P + q) * OUT4 + k0;
          // @unroll
          for (var k = 0u; k < KB; k++) {
            let tap = w[w0 + k];
            // @unroll
            for (var j = 0u; j < TW; j++) {
              sum[j * KB + k] = fma(vec4<f32>(x[(x0 + q + j) * V + v]), tap, sum[j * KB + k]);
            }
          }
        }
      }
    }
  }
  // @unroll
  for (var k = 0u; k < KB; k++) {
    // @unroll
    for (var j = 0u; j < TW; j++) {
      y[((n * OUT4 + k0 + k) * H + i) * W + j0 + j] = sum[j * KB + k];
    }
  }
}
