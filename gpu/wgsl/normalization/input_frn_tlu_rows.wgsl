// input_frn_tlu_rows: input_frn_tlu by workgroups of GROUP / W samples of W rows and columns:
//   u = x · rsqrt(mean(x²) + ε);  y = max(γ·u + β, τ)
//   x [N, W, W];  y [N, W+2, W+2] (the border is left alone, and stands at zero);  γ, β, τ [1];  scale [N]
//
// One thread sums a row; the rows of a sample are added in order, as input_frn_tlu adds them, so both give the same bits. Then
// neighbouring threads take neighbouring pixels.

@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> gamma: array<f32, 1>;
@group(0) @binding(2) var<storage, read> beta: array<f32, 1>;
@group(0) @binding(3) var<storage, read> tau: array<f32, 1>;
@group(0) @binding(4) var<storage, read_write> scale: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

var<workgroup> rows: array<f32, GROUP>;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let n = id.x / W;
  let i = thread % W;
  let first = thread - i;
  var row = vec4<f32>(0.0);
  for (var j = 0u; j < W / 4u; j++) {
    let v = x[id.x * (W / 4u) + j];
    row = fma(v, v, row);
  }
  rows[thread] = row.x + row.y + row.z + row.w;
  workgroupBarrier();
  var square = 0.0;
  for (var k = 0u; k < W; k++) {
    square += rows[first + k];
  }
  let r = 1.0 / sqrt(square * (1.0 / f32(W * W)) + EPSILON);
  if (i == 0u) {
    scale[n] = r;
  }
  for (var k = 0u; k < W; k++) {
    let v = x[(n * W + k) * (W / 4u) + i / 4u][i % 4u];
    y[(n * (W + 2u) + k + 1u) * (W + 2u) + 1u + i] = max(v * r * gamma[0] + beta[0], tau[0]);
  }
}
