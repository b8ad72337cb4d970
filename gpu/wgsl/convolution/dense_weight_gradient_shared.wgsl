// dense_weight_gradient_shared: ∂w[k,o] ← ∂w[k,o] + Σ_n y[n,k] · ∂z[n,o]: dense_weight_gradient by workgroups that share what they read.
//   y [N, K4, 4];  ∂z [ALL, OUT4, 4], read from sample `first_sample` on;  ∂w [4·K4, 4·OUT4]
//
// K4: inputs / 4;  OUT4: outputs / 4
// A workgroup computes 4·ROWS of k by 4·ACROSS of o and takes SLAB samples of both into workgroup memory at once. One thread
// owns 4·TK of k by 4·TO of o; its sums run over n, as dense_weight_gradient's do: both give the same bits. Those of k that are
// not there are computed as the last four and left out.

const LANES: u32 = ACROSS / TO;
const BESIDE: u32 = GROUP / LANES;
const ROWS: u32 = BESIDE * TK;

#include "activation"

@group(0) @binding(0) var<storage, read> y: array<Activation>;
@group(0) @binding(1) var<storage, read> dz: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> dw: array<vec4<f32>>;

struct Params {
  K4: u32,
  OUT4: u32,
  first_sample: u32,
  count: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> ys: array<array<vec4<f32>, ROWS>, SLAB>;
var<workgroup> ds: array<array<vec4<f32>, ACROSS>, SLAB>;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let K4 = params.K4;
  let OUT4 = params.OUT4;
  let o0 = id.x % (OUT4 / ACROSS) * ACROSS;
  let k0 = id.x / (OUT4 / ACROSS) * ROWS;
  let o = o0 + thread % LANES;
  let lane = thread % LANES;
  let beside = thread / LANES;

  // sum[(block of four k · 4 + one of them) · TO + block of four o]
  var sum: array<vec4<f32>, 4u * TK * TO>;
  // @unroll
  for (var t = 0u; t < 4 * TK; t++) {
    let k = min(k0 + t / 4u * BESIDE + beside, K4 - 1u) * 4u + t % 4u;
    // @unroll
    for (var q = 0u; q < TO; q++) {
      sum[t * TO + q] = dw[k * OUT4 + o + q * LANES];
    }
  }
  for (var n0 = 0u; n0 < params.count; n0 += SLAB) {
    let present = min(SLAB, params.count - n0);
    workgroupBarrier();
    for (var t = thread; t < present * ROWS; t += GROUP) {
      ys[t / ROWS][t % ROWS] = load_activation(y[(n0 + t / ROWS) * K4 + min(k0 + t % ROWS, K4 - 1u)]);
    }
    for (var t = thread; t < present * ACROSS; t += GROUP) {
      ds[t / ACROSS][t % ACROSS] = dz[(params.first_sample + n0 + t / ACROSS) * OUT4 + o0 + t % ACROSS];
    }
    workgroupBarrier();
    for (var n = 0u; n < present; n++) {
      var d: array<vec4<f32>, TO>;
      // @unroll
      for (var q = 0u; q < TO; q++) {
        d[q] = ds[n][q * LANES + lane];
      }
      // @unroll
      for (var t = 0u; t < TK; t++) {
        let v = ys[n][t * BESIDE + beside];
        // @unroll
        for (var u = 0u; u < 4; u++) {
          // @unroll
          for (var q = 0u; q < TO; q++) {
            let s = (t * 4u + u) * TO + q;
            sum[s] = fma(vec4<f32>(v[u]), d[q], sum[s]);
          }
        }
      }
    }
  }
  // @unroll
  for (var t = 0u; t < TK; t++) {
    let k4 = k0 + t * BESIDE + beside;
    if (k4 < K4) {
      // @unroll
      for (var u = 0u; u < 4; u++) {
        // @unroll
        for (var q = 0u; q < TO; q++) {
          dw[(4u * k4 + u) * OUT4 + o + q * LANES] = sum[(t * 4u + u) * TO + q];
        }
      }
    }
  }
}
