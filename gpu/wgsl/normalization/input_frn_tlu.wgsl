// input_frn_tlu: frn_tlu of the patch itself, one channel:
//   u = x · rsqrt(mean(x²) + ε);  y = max(γ·u + β, τ)
//   x [N, H, W];  y [N, H+2, W+2] (the border is left alone, and stands at zero);  γ, β, τ [1];  scale [N]
//
// One thread owns one sample.

@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> gamma: array<f32, 1>;
@group(0) @binding(2) var<storage, read> beta: array<f32, 1>;
@group(0) @binding(3) var<storage, read> tau: array<f32, 1>;
@group(0) @binding(4) var<storage, read_write> scale: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x;
  var square = 0.0;
  for (var i = 0u; i < H; i++) {
    var row = vec4<f32>(0.0);
    for (var j = 0u; j < W / 4u; j++) {
      let v = x[(n * H + i) * (W / 4u) + j];
      row = fma(v, v, row);
    }
    square += row.x + row.y + row.z + row.w;
  }
  let r = 1.0 / sqrt(square * (1.0 / f32(H * W)) + EPSILON);
  scale[n] = r;
  for (var i = 0u; i < H; i++) {
    for (var j = 0u; j < W / 4u; j++) {
      let v = max(x[(n * H + i) * (W / 4u) + j] * r * gamma[0] + beta[0], vec4<f32>(tau[0]));
      let at = (n * (H + 2u) + i + 1u) * (W + 2u) + 1u + j * 4u;
      y[at] = v.x;
      y[at + 1u] = v.y;
      y[at + 2u] = v.z;
      y[at + 3u] = v.w;
    }
  }
}
