// dense_input_gradient: ∂y[n,k] = Σ_o ∂z[n,o] · w[k,o].
//   ∂z [ALL, OUT4, 4], read from sample `first_sample` on;  w [4·K4, 4·OUT4];  ∂y [N, K4, 4]
//
// One thread computes TN samples by four k; each sum runs over o in four interleaved parts, added at the end.

@group(0) @binding(0) var<storage, read> dz: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> dy: array<vec4<f32>>;

struct Params {
  K4: u32,
  OUT4: u32,
  first_sample: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let K4 = params.K4;
  let OUT4 = params.OUT4;
  let k = id.x % K4;
  let n = id.x / K4 * TN;
  var sum: array<vec4<f32>, 4u * TN>;
  // @unroll
  for (var s = 0u; s < 4 * TN; s++) {
    sum[s] = vec4<f32>(0.0);
  }
  for (var o = 0u; o < OUT4; o++) {
    var ws: array<vec4<f32>, 4>;
    // @unroll
    for (var t = 0u; t < 4; t++) {
      ws[t] = w[(k * 4u + t) * OUT4 + o];
    }
    // @unroll
    for (var i = 0u; i < TN; i++) {
      let d = dz[(params.first_sample + n + i) * OUT4 + o];
      // @unroll
      for (var t = 0u; t < 4; t++) {
        sum[i * 4u + t] = fma(d, ws[t], sum[i * 4u + t]);
      }
    }
  }
  let one = vec4<f32>(1.0);
  // @unroll
  for (var i = 0u; i < TN; i++) {
    dy[(n + i) * K4 + k] = vec4<f32>(
      dot(sum[i * 4u], one), dot(sum[i * 4u + 1u], one), dot(sum[i * 4u + 2u], one), dot(sum[i * 4u + 3u], one));
  }
}
