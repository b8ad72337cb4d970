// max_pool: y[n,c,i,j] = the largest of x[n,c,2i…2i+1,2j…2j+1]
//   x [N, C4, 2·H, 2·W, 4];  y [N, C4, H, W, 4]
//
// One thread owns one row of four channels of y.

@group(0) @binding(0) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4<f32>>;

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let row = id.x;
  for (var j = 0u; j < W; j++) {
    let above = 4u * row * W + 2u * j;
    let below = above + 2u * W;
    y[row * W + j] = max(max(x[above], x[above + 1u]), max(x[below], x[below + 1u]));
  }
}
