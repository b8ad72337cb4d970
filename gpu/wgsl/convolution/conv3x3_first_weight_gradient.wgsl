// conv3x3_first_weight_gradient: one part per sample of ∂w[k,p,q] = Σ_{n,i,j} ∂y[n,k,i,j] · x[n,i+p,j+q].
//   x [N, H+2, W+2] and ∂y [N, OUT4, H+2, W+2, 4], both with a border of one zero pixel
//   partial [N, 3, 3, 4·OUT4]
//
// One thread sums one sample for four output channels.

const XW: u32 = W + 2u;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> partial: array<vec4<f32>>;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x / OUT4;
  let k = id.x % OUT4;
  var sum: array<vec4<f32>, 9>;
  // @unroll
  for (var t = 0u; t < 9; t++) {
    sum[t] = vec4<f32>(0.0);
  }
  for (var i = 0u; i < H; i++) {
    let x0 = (n * (H + 2u) + i) * XW;
    let y0 = ((n * OUT4 + k) * (H + 2u) + i + 1u) * XW + 1u;
    var xs: array<f32, 9>;
    // @unroll
    for (var p = 0u; p < 3; p++) {
      xs[p * 3u + 1u] = x[x0 + p * XW];
      xs[p * 3u + 2u] = x[x0 + p * XW + 1u];
    }
    for (var j = 0u; j < W; j++) {
      let d = dy[y0 + j];
      // @unroll
      for (var p = 0u; p < 3; p++) {
        xs[p * 3u] = xs[p * 3u + 1u];
        xs[p * 3u + 1u] = xs[p * 3u + 2u];
        xs[p * 3u + 2u] = x[x0 + p * XW + j + 2u];
      }
      // @unroll
      for (var t = 0u; t < 9; t++) {
        sum[t] = fma(vec4<f32>(xs[t]), d, sum[t]);
      }
    }
  }
  // @unroll
  for (var t = 0u; t < 9; t++) {
    partial[(n * 9u + t) * OUT4 + k] = sum[t];
  }
}
