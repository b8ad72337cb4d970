// Keeps what a normalisation's backward pass needs: its input x [N, OUT4, W, W, 4], and scale [N, OUT4, 4] = the rsqrt.

@group(0) @binding(4) var<storage, read_write> x_kept: array<Activation>;
@group(0) @binding(5) var<storage, read_write> scale: array<vec4<f32>>;
@group(0) @binding(6) var<uniform> params: Params;

fn keep(at: u32, x: Activation) {
  x_kept[at] = x;
}

fn keep_scale(map: u32, r: vec4<f32>) {
  scale[map] = r;
}
