// normalize_patch: y = (x·unit − mean)·scale for patches of one channel:
//   OF_SET = 0: mean of the patch, scale = 1/(√(Σ(x·unit − mean)²/DIVISOR + UNDER_ROOT) + BESIDE_ROOT)
//   OF_SET = 1: mean = MEAN, scale = 1/DEVIATION
//   x [N, H, W];  y [N, H+2·BORDER, W+2·BORDER] (the border is left alone, and stands at zero)
//
// One thread owns one sample.

@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

struct Params {
  unit: f32,
}
@group(0) @binding(2) var<uniform> params: Params;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x;
  let x0 = n * H * (W / 4u);
  let unit = params.unit;
  // Less its first pixel a patch of little contrast has small numbers, which round little.
  var origin = x[x0].x;
  var mean = 0.0;
  var deviation = DEVIATION;
  if (OF_SET == 1u) {
    origin = 0.0;
    mean = MEAN;
  } else {
    var total = 0.0;
    for (var i = 0u; i < H; i++) {
      var row = vec4<f32>(0.0);
      for (var j = 0u; j < W / 4u; j++) {
        row += (x[x0 + i * (W / 4u) + j] - origin) * unit;
      }
      total += row.x + row.y + row.z + row.w;
    }
    mean = total * (1.0 / f32(H * W));
    var square = 0.0;
    for (var i = 0u; i < H; i++) {
      var row = vec4<f32>(0.0);
      for (var j = 0u; j < W / 4u; j++) {
        let v = (x[x0 + i * (W / 4u) + j] - origin) * unit - mean;
        row = fma(v, v, row);
      }
      square += row.x + row.y + row.z + row.w;
    }
    deviation = sqrt(square / DIVISOR + UNDER_ROOT) + BESIDE_ROOT;
  }
  for (var i = 0u; i < H; i++) {
    for (var j = 0u; j < W / 4u; j++) {
      let v = ((x[x0 + i * (W / 4u) + j] - origin) * unit - mean) / deviation;
      let at = (n * (H + 2u * BORDER) + i + BORDER) * (W + 2u * BORDER) + BORDER + j * 4u;
      y[at] = v.x;
      y[at + 1u] = v.y;
      y[at + 2u] = v.z;
      y[at + 3u] = v.w;
    }
  }
}
