// norm_gradient: adds to ∂ẑ what comes through its length: ∂ẑ += e·∂norm.
//   e [BLOCKS, 4·C4, 32], blocks of 32 samples;  ∂norm [≥ count];  ∂ẑ [ALL, C4, 4]
//
// One thread owns one sample.

@group(0) @binding(0) var<storage, read> e: array<f32>;
@group(0) @binding(1) var<storage, read> dnorm: array<f32>;
@group(0) @binding(2) var<storage, read_write> dz: array<vec4<f32>>;

struct Params {
  count: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x;
  if (n < params.count) {
    let first = n / 32u * (C4 * 128u) + n % 32u;
    for (var c = 0u; c < C4; c++) {
      let at = first + c * 128u;
      let own = vec4<f32>(e[at], e[at + 32u], e[at + 64u], e[at + 96u]);
      dz[n * C4 + c] = fma(vec4<f32>(dnorm[n]), own, dz[n * C4 + c]);
    }
  }
}
