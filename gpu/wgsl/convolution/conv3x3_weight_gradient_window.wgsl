// conv3x3_weight_gradient_window: partial sums of ∂w[k,c,p,q] = Σ_{n,i,j} ∂y[n,k,i,j] · x[n,c,i+p,j+q] by workgroups that share what they read, whose threads keep a window of x.
//   x [N, C4, H+2, W+2, 4] and ∂y [N, OUT4, H+2, W+2, 4], both with a border of one zero pixel
//   partial [PARTS, OUT4/4, C4, 3, 3, 4, 16]: part (n / SAMPLES)·row parts + row part; the order of the weights
//
// C4, OUT4: input, output channels / 4;  H, W: rows, columns of both
// SAMPLES: samples summed in one part;  ROWS: rows summed in one part, or H if that is less;  row parts = H / ROWS
// A workgroup sums one part for IN4 blocks of four inputs and ACROSS of four outputs. It goes down strips of STRIP columns, HEIGHT rows
// of ∂y at a time, and takes them and the rows of x that they meet into workgroup memory, but those of x that the rows before have met:
// they take turns there. COLUMN and PIXEL, from column to column of x and from pixel to pixel of ∂y, are odd, so that neighbouring
// threads write other banks. One thread walks along the rows for two inputs and four outputs, all nine taps, with a window of x of three
// columns in registers, whose newest is loaded row by row, as ∂y needs it; two columns of ∂y at a time, so that half as often
// as there are columns what is kept has to move. Its sums run over n, strips, HEIGHT rows, columns, then rows.

const S: u32 = 1u;

#include "activation"

@group(0) @binding(0) var<storage, read> x: array<Activation>;
@group(0) @binding(1) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> partial: array<vec4<f32>>;

struct Params {
  C4: u32,
  OUT4: u32,
  H: u32,
}
@group(0) @binding(3) var<uniform> params: Params;

var<workgroup> inputs: array<array<vec2<f32>, COLUMN>, XROWS * XW>;
var<workgroup> gradients: array<array<vec4<f32>, PIXEL>, HEIGHT * STRIP>;

fn put_input(turn: u32, c: u32, j: u32, value: vec4<f32>) {
  let at = turn * XW + j;
  inputs[at][2u * c] = value.xy;
  inputs[at][2u * c + 1u] = value.zw;
}

#include "strips"

@compute @workgroup_size(GROUP)
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let C4 = params.C4;
  let OUT4 = params.OUT4;
  let H = params.H;
  let rows = min(H, ROWS);
  let row_parts = H / rows;
  // Workgroups that read the same pixels follow each other.
  let c0 = id.x % (C4 / IN4) * IN4;
  let k0 = id.x / (C4 / IN4) % (OUT4 / ACROSS) * ACROSS;
  let part = id.x / (C4 / IN4 * (OUT4 / ACROSS));
  let block = thread % ACROSS;
  let pair = thread / ACROSS;
  let first_row = part % row_parts * rows;
  let first_sample = part / row_parts * SAMPLES;

  // sum[(p·3 + q)·2 + input]
  var sum: array<vec4<f32>, 18>;
  // @unroll
  for (var s = 0u; s < 18; s++) {
    sum[s] = vec4<f32>(0.0);
  }
  for (var n = first_sample; n < first_sample + SAMPLES; n++) {
    for (var strip = 0u; strip < W; strip += STRIP) {
      for (var i = first_row; i < first_row + rows; i += HEIGHT) {
        workgroupBarrier();
        take_inputs(n, c0, i, strip, i == first_row, thread);
        take_gradients(n, k0, i, strip, thread);
        workgroupBarrier();
        var turns: array<u32, XROWS>;
        var xs: array<array<vec2<f32>, 3>, XROWS>;
        // @unroll
        for (var r = 0u; r < HEIGHT + 2; r++) {
          turns[r] = (i + r) % XROWS * XW;
          xs[r][0] = inputs[turns[r]][pair];
          xs[r][1] = inputs[turns[r] + 1u][pair];
        }
        for (var j = 0u; j < STRIP; j += 2u) {
          // @unroll
          for (var e = 0u; e < 2; e++) {
            // Where the newest column goes: where the one was that nobody needs any more.
            const newest = (e + 2u) % 3u;
            // @unroll
            for (var r = 0u; r < 2; r++) {
              xs[r][newest] = inputs[turns[r] + j + e + 2u][pair];
            }
            // @unroll
            for (var r = 0u; r < HEIGHT; r++) {
              xs[r + 2u][newest] = inputs[turns[r + 2u] + j + e + 2u][pair];
              let d = gradients[r * STRIP + j + e][block];
              // @unroll
              for (var p = 0u; p < 3; p++) {
                // @unroll
                for (var q = 0u; q < 3; q++) {
                  // @unroll
                  for (var u = 0u; u < 2; u++) {
                    const s = (p * 3u + q) * 2u + u;
                    sum[s] = fma(vec4<f32>(xs[r + p][(e + q) % 3u][u]), d, sum[s]);
                  }
                }
              }
            }
          }
          // The last two columns are the first two of the next.
          // @unroll
          for (var r = 0u; r < HEIGHT + 2; r++) {
            xs[r][1] = xs[r][0];
            xs[r][0] = xs[r][2];
          }
        }
      }
    }
  }
  let c = c0 + pair / 2u;
  let k = k0 + block;
  let out = ((part * (OUT4 / 4u) + k / 4u) * C4 + c) * 144u + pair % 2u * 8u + k % 4u;
  // @unroll
  for (var t = 0u; t < 9; t++) {
    // @unroll
    for (var u = 0u; u < 2; u++) {
      partial[out + t * 16u + u * 4u] = sum[t * 2u + u];
    }
  }
}
