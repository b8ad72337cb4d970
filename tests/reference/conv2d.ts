import { extents, type Tensor, zeros } from "./tensor.ts";

/** How a square kernel of side K moves over the input. */
export interface Convolution {
  stride: number;
  padding: number;
}

/**
 * y[n,o,r,s] = bias[o] + Σ_{c,i,j} x[n, c, r·stride + i − padding, s·stride + j − padding] · w[o,c,i,j],
 * with zeros outside the input.
 *
 * @param input [N, C, H, W]
 * @param weight [O, C, K, K]
 * @param bias [O], or undefined for none
 * @returns [N, O, (H + 2·padding − K)/stride + 1, (W + 2·padding − K)/stride + 1], extents rounded down
 */
export function conv2dForward(
  input: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  convolution: Convolution,
): Tensor {
  const [outputs, , side] = weight.shape;
  const { samples, height, width } = extents(input);
  const output = zeros(
    samples,
    outputs,
    outputExtent(height, side, convolution),
    outputExtent(width, side, convolution),
  );
  forEachRow(output, input, weight, convolution, (row) => {
    for (let column = 0; column < row.count; column++) {
      output.data[row.output + column] += row.tap(weight) *
        input.data[row.input + column * convolution.stride];
    }
  });
  if (bias) addBias(output, bias);
  return output;
}

/**
 * The gradients of {@linkcode conv2dForward}: the same sum, read in the two other directions.
 *
 * @param outputGradient [N, O, H′, W′]
 * @returns gradients with the shapes of input, weight and bias [O]
 */
export function conv2dBackward(
  outputGradient: Tensor,
  input: Tensor,
  weight: Tensor,
  convolution: Convolution,
): { inputGradient: Tensor; weightGradient: Tensor; biasGradient: Tensor } {
  const inputGradient = zeros(...input.shape);
  const weightGradient = zeros(...weight.shape);
  forEachRow(outputGradient, input, weight, convolution, (row) => {
    const tap = row.tap(weight);
    let sum = 0;
    for (let column = 0; column < row.count; column++) {
      const gradient = outputGradient.data[row.output + column];
      const at = row.input + column * convolution.stride;
      inputGradient.data[at] += tap * gradient;
      sum += input.data[at] * gradient;
    }
    weightGradient.data[row.weight] += sum;
  });
  return {
    inputGradient,
    weightGradient,
    biasGradient: sumOverAllButChannels(outputGradient),
  };
}

function outputExtent(
  extent: number,
  side: number,
  { stride, padding }: Convolution,
): number {
  return Math.floor((extent + 2 * padding - side) / stride) + 1;
}

/** One output row met by one weight tap: positions of its first output, input and its weight. */
class RowOfProducts {
  output = 0;
  input = 0;
  weight = 0;
  count = 0;
  tap(weight: Tensor): number {
    return weight.data[this.weight];
  }
}

/**
 * Visits every (sample, output channel, input channel, tap, output row) and names the run of output columns
 * whose input lies inside the image: the five plain loops that forward and backward share.
 */
function forEachRow(
  output: Tensor,
  input: Tensor,
  weight: Tensor,
  { stride, padding }: Convolution,
  visit: (row: RowOfProducts) => void,
): void {
  const { samples, channels, height, width } = extents(input);
  const { channels: outputs, height: rows, width: columns } = extents(output);
  const side = weight.shape[2];
  const row = new RowOfProducts();
  for (let n = 0; n < samples; n++) {
    for (let o = 0; o < outputs; o++) {
      for (let c = 0; c < channels; c++) {
        for (let i = 0; i < side; i++) {
          for (let j = 0; j < side; j++) {
            row.weight = ((o * channels + c) * side + i) * side + j;
            const first = Math.max(0, Math.ceil((padding - j) / stride));
            const last = Math.min(
              columns - 1,
              Math.floor((width - 1 + padding - j) / stride),
            );
            row.count = last - first + 1;
            for (let r = 0; r < rows; r++) {
              const y = r * stride + i - padding;
              if (y < 0 || y >= height) continue;
              row.output = ((n * outputs + o) * rows + r) * columns + first;
              row.input = ((n * channels + c) * height + y) * width +
                first * stride + j - padding;
              visit(row);
            }
          }
        }
      }
    }
  }
}

function addBias(output: Tensor, bias: Tensor): void {
  const { samples, channels, height, width } = extents(output);
  const area = height * width;
  for (let n = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++) {
      for (let at = 0; at < area; at++) {
        output.data[(n * channels + c) * area + at] += bias.data[c];
      }
    }
  }
}

function sumOverAllButChannels(gradient: Tensor): Tensor {
  const { samples, channels, height, width } = extents(gradient);
  const area = height * width;
  const sum = zeros(channels);
  for (let n = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++) {
      for (let at = 0; at < area; at++) {
        sum.data[c] += gradient.data[(n * channels + c) * area + at];
      }
    }
  }
  return sum;
}
