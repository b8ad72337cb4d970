// input_frn_tlu_backward: one sample's share of ∂γ = Σ ∂z·u, ∂β = Σ ∂z, ∂τ = Σ (1 − passed)·∂y of input_frn_tlu.
//   x, ∂y [N, H, W];  scale [N];  partial [N, 4]: ∂γ, ∂β, ∂τ, 0
//
// One thread owns one sample.

@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> gamma: array<f32, 1>;
@group(0) @binding(2) var<storage, read> beta: array<f32, 1>;
@group(0) @binding(3) var<storage, read> tau: array<f32, 1>;
@group(0) @binding(4) var<storage, read> scale: array<f32>;
@group(0) @binding(5) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> partial: array<vec4<f32>>;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x;
  var d_gamma = vec4<f32>(0.0);
  var d_beta = vec4<f32>(0.0);
  var d_tau = vec4<f32>(0.0);
  for (var i = 0u; i < H; i++) {
    var row_gamma = vec4<f32>(0.0);
    var row_beta = vec4<f32>(0.0);
    var row_tau = vec4<f32>(0.0);
    for (var j = 0u; j < W / 4u; j++) {
      let at = (n * H + i) * (W / 4u) + j;
      let u = x[at] * scale[n];
      let d = dy[at];
      let dz = select(vec4<f32>(0.0), d, u * gamma[0] + beta[0] > vec4<f32>(tau[0]));
      row_gamma = fma(dz, u, row_gamma);
      row_beta += dz;
      row_tau += d - dz;
    }
    d_gamma += row_gamma;
    d_beta += row_beta;
    d_tau += row_tau;
  }
  let one = vec4<f32>(1.0);
  partial[n] = vec4<f32>(dot(d_gamma, one), dot(d_beta, one), dot(d_tau, one), 0.0);
}
