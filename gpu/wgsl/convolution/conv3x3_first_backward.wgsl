// conv3x3_first_backward: both gradients of the first convolution, of one input channel, by workgroups that read ∂y once.
//   ∂x[n,i,j] = Σ_{k,p,q} w[k,p,q] · ∂y[n,k,i+1−p,j+1−q];  one part per sample of ∂w[k,p,q] = Σ_{n,i,j} ∂y[n,k,i,j] · x[n,i+p,j+q]
//   x [N, H+2, W+2] and ∂y [N, OUT4, H+2, W+2, 4], both with a border of one zero pixel;  w [3, 3, 4·OUT4]
//   partial [N, 3, 3, 4·OUT4];  ∂x [N, H, W]
//
// A workgroup has one sample, one thread TH rows of a column, so that neighbours read neighbours. For four channels after the other it
// walks down its column of ∂y with the two beside it, which gives its pixels of ∂x, and sums its own pixels' shares of ∂w; then the
// workgroup adds the shares of its threads, of every PARTS-th first. ∂x sums over k, rows of ∂y, columns from the right, and channels.

const THREADS: u32 = W * (H / TH);
const XW: u32 = W + 2u;
// Those of the next tap lie in other banks.
const SHARES: u32 = THREADS + PARTS;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>, 9u * OUT4>;
@group(0) @binding(3) var<storage, read_write> partial: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

var<workgroup> inputs: array<f32, (H + 2u) * XW>;
var<workgroup> shares: array<vec4<f32>, 9u * SHARES>;
var<workgroup> parts: array<vec4<f32>, 9u * PARTS>;

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let n = id.x;
  let j = thread % W;
  let i0 = thread / W * TH;
  for (var t = thread; t < (H + 2u) * XW; t += GROUP) {
    inputs[t] = x[n * (H + 2u) * XW + t];
  }
  workgroupBarrier();
  var sum: array<f32, TH>;
  // @unroll
  for (var i = 0u; i < TH; i++) {
    sum[i] = 0.0;
  }
  for (var k = 0u; k < OUT4; k++) {
    var wt: array<vec4<f32>, 9>;
    var share: array<vec4<f32>, 9>;
    // @unroll
    for (var t = 0u; t < 9; t++) {
      wt[t] = w[t * OUT4 + k];
      share[t] = vec4<f32>(0.0);
    }
    let y0 = ((n * OUT4 + k) * (H + 2u) + i0) * XW + j;
    let x0 = i0 * XW + j;
    // Three rows of x, of which the oldest makes room.
    var xs: array<f32, 9>;
    // @unroll
    for (var q = 0u; q < 3; q++) {
      xs[q] = inputs[x0 + q];
      xs[3u + q] = inputs[x0 + XW + q];
    }
    // @unroll
    for (var r = 0u; r < TH + 2; r++) {
      if (r > 0u && r <= TH) {
        // @unroll
        for (var q = 0u; q < 3; q++) {
          xs[(r + 1u) % 3u * 3u + q] = inputs[x0 + (r + 1u) * XW + q];
        }
      }
      // @unroll
      for (var q = 0u; q < 3; q++) {
        let d = dy[y0 + r * XW + 2u - q];
        // @unroll
        for (var p = 0u; p < 3; p++) {
          if (r + p >= 2u && r + p < TH + 2u) {
            const i = (r + p + TH - 2u) % TH;
            let v = wt[p * 3u + q];
            sum[i] = fma(v.w, d.w, fma(v.z, d.z, fma(v.y, d.y, fma(v.x, d.x, sum[i]))));
          }
        }
        if (q == 1u && r > 0u && r <= TH) {
          // @unroll
          for (var t = 0u; t < 9; t++) {
            const row = (r + 2u + t / 3u) % 3u;
            share[t] = fma(vec4<f32>(xs[row * 3u + t % 3u]), d, share[t]);
          }
        }
      }
    }
    // @unroll
    for (var t = 0u; t < 9; t++) {
      shares[t * SHARES + thread] = share[t];
    }
    workgroupBarrier();
    for (var s = thread; s < 9u * PARTS; s += GROUP) {
      let first = s / PARTS * SHARES + s % PARTS;
      var part = shares[first];
      for (var other = PARTS; other < THREADS; other += PARTS) {
        part += shares[first + other];
      }
      parts[s] = part;
    }
    workgroupBarrier();
    for (var t = thread; t < 9u; t += GROUP) {
      var total = parts[t * PARTS];
      // @unroll
      for (var part = 1u; part < PARTS; part++) {
        total += parts[t * PARTS + part];
      }
      partial[(n * 9u + t) * OUT4 + k] = total;
    }
  }
  // @unroll
  for (var i = 0u; i < TH; i++) {
    dx[(n * H + i0 + i) * W + j] = sum[i];
  }
}
