// normalize_descriptor: ẑ = (z − mean)·inverse_deviation;  e = ẑ / max(‖ẑ‖, 1e-12).
//   z [ALL, C4, 4];  statistics [2, C4, 4];  e [BLOCKS, 4·C4, 32], blocks of 32 samples;  norm [ALL]
//
// One thread owns one sample.

@group(0) @binding(0) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> statistics: array<vec4<f32>, 2u * C4>;
@group(0) @binding(2) var<storage, read_write> e: array<f32>;
@group(0) @binding(3) var<storage, read_write> norm: array<f32>;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x;
  if (n < arrayLength(&norm)) {
    var square = vec4<f32>(0.0);
    for (var c = 0u; c < C4; c++) {
      let v = (z[n * C4 + c] - statistics[c]) * statistics[C4 + c];
      square = fma(v, v, square);
    }
    let length = max(sqrt(square.x + square.y + square.z + square.w), 1e-12);
    norm[n] = length;
    for (var c = 0u; c < C4; c++) {
      let v = (z[n * C4 + c] - statistics[c]) * statistics[C4 + c] / length;
      let at = (n / 32u * C4 + c) * 128u + n % 32u;
      e[at] = v.x;
      e[at + 32u] = v.y;
      e[at + 64u] = v.z;
      e[at + 96u] = v.w;
    }
  }
}
