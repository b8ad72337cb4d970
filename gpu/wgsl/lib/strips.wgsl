// How the weight gradients of convolutions of stride S whose workgroups share what they read take strips of STRIP columns of x and ∂y
// into workgroup memory: HEIGHT rows of ∂y, and the XROWS of x that they meet. x, dy, gradients and put_input are the kernel's.

const XW: u32 = S * (STRIP - 1u) + 3u;
const XROWS: u32 = S * (HEIGHT - 1u) + 3u;

// Of IN4 blocks of four inputs from c0 on: rows and pixels of x, but not the rows that those before row i of ∂y have met. Rows of x take
// turns in workgroup memory.
fn take_inputs(n: u32, c0: u32, i: u32, strip: u32, is_first: bool, thread: u32) {
  let H = params.H;
  let met = select(3u - S, 0u, is_first);
  for (var t = met * IN4 * XW + thread; t < XROWS * IN4 * XW; t += GROUP) {
    let row = S * i + t / (IN4 * XW);
    let c = t / XW % IN4;
    let j = t % XW;
    let x0 = ((n * params.C4 + c0 + c) * (S * H + 2u) + row) * (S * W + 2u) + S * strip;
    put_input(row % XROWS, c, j, load_activation(x[x0 + j]));
  }
}

// Of ACROSS blocks of four outputs from k0 on: rows and pixels of ∂y, inside its border.
fn take_gradients(n: u32, k0: u32, i: u32, strip: u32, thread: u32) {
  let H = params.H;
  for (var t = thread; t < HEIGHT * ACROSS * STRIP; t += GROUP) {
    let r = t / (ACROSS * STRIP);
    let k = t / STRIP % ACROSS;
    let j = t % STRIP;
    gradients[r * STRIP + j][k] = dy[((n * params.OUT4 + k0 + k) * (H + 2u) + i + r + 1u) * (W + 2u) + strip + j + 1u];
  }
}
