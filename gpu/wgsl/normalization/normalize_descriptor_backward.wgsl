// normalize_descriptor_backward: ∂ẑ = (∂e − e·(e·∂e)) / ‖ẑ‖, the gradient of the L2 normalisation.
//   e, ∂e [BLOCKS, 4·C4, 32], blocks of 32 samples;  ∂ẑ [ALL, C4, 4];  norm [ALL]
//
// One thread owns one sample. Rows from `count` on, which pad the batch, get zero.

@group(0) @binding(0) var<storage, read> e: array<f32>;
@group(0) @binding(1) var<storage, read> de: array<f32>;
@group(0) @binding(2) var<storage, read> norm: array<f32>;
@group(0) @binding(3) var<storage, read_write> dz: array<vec4<f32>>;

struct Params {
  count: u32,
}
@group(0) @binding(4) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x;
  if (n < arrayLength(&norm)) {
    let first = n / 32u * (C4 * 128u) + n % 32u;
    var along = 0.0;
    for (var c = 0u; c < 4u * C4; c++) {
      along = fma(e[first + c * 32u], de[first + c * 32u], along);
    }
    for (var c = 0u; c < C4; c++) {
      let at = first + c * 128u;
      let own = vec4<f32>(e[at], e[at + 32u], e[at + 64u], e[at + 96u]);
      let upstream = vec4<f32>(de[at], de[at + 32u], de[at + 64u], de[at + 96u]);
      let v = (upstream - own * along) / norm[n];
      dz[n * C4 + c] = select(vec4<f32>(0.0), v, n < params.count);
    }
  }
}
