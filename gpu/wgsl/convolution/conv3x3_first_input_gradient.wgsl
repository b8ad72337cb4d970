// conv3x3_first_input_gradient: ∂x[n,i,j] = Σ_{k,p,q} w[k,p,q] · ∂y[n,k,i+1−p,j+1−q] of the first convolution.
//   ∂y [N, OUT4, H+2, W+2, 4] with its border of one zero pixel;  ∂x [N, H, W];  w [3, 3, 4·OUT4]
//
// One thread computes TW pixels of a row.

const YW: u32 = W + 2u;
const TILES_X: u32 = W / TW;

@group(0) @binding(0) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read> w: array<vec4<f32>, 9u * OUT4>;
@group(0) @binding(2) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = id.x / (H * TILES_X);
  let i = id.x / TILES_X % H;
  let j0 = id.x % TILES_X * TW;
  var sum: array<vec4<f32>, TW>;
  // @unroll
  for (var j = 0u; j < TW; j++) {
    sum[j] = vec4<f32>(0.0);
  }
  for (var k = 0u; k < OUT4; k++) {
    // @unroll
    for (var p = 0u; p < 3; p++) {
      let y0 = ((n * OUT4 + k) * (H + 2u) + i + 2u - p) * YW + j0;
      var d: array<vec4<f32>, TW + 2u>;
      // @unroll
      for (var j = 0u; j < TW + 2; j++) {
        d[j] = dy[y0 + j];
      }
      // @unroll
      for (var q = 0u; q < 3; q++) {
        let wt = w[(p * 3u + q) * OUT4 + k];
        // @unroll
        for (var j = 0u; j < TW; j++) {
          sum[j] = fma(wt, d[j + 2u - q], sum[j]);
        }
      }
    }
  }
  // @unroll
  for (var j = 0u; j < TW; j++) {
    dx[(n * H + i) * W + j0 + j] = sum[j].x + sum[j].y + sum[j].z + sum[j].w;
  }
}
