import { type Tensor, tensorOf, zeros } from "../../reference/tensor.ts";

/** Visits every element of [N, C, H, W] with its place in [N, C/4, H+2b, W+2b, 4]. */
function forEachPlace(
  [samples, channels, height, width]: readonly number[],
  border: number,
  visit: (plain: number, grouped: number) => void,
): void {
  const rows = height + 2 * border;
  const columns = width + 2 * border;
  let plain = 0;
  for (let n = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < height; i++) {
        for (let j = 0; j < width; j++) {
          const map = n * channels / 4 + (c >> 2);
          const pixel = (map * rows + i + border) * columns + j + border;
          visit(plain++, pixel * 4 + c % 4);
        }
      }
    }
  }
}

/** Shape of the twin's [N, C, H, W] on the GPU: [N, C/4, H+2b, W+2b, 4]. */
export function activationShape(
  [samples, channels, height, width]: readonly number[],
  border = 0,
): number[] {
  return [
    samples,
    channels / 4,
    height + 2 * border,
    width + 2 * border,
    4,
  ];
}

/** [N, C, H, W] → [N, C/4, H+2b, W+2b, 4] with a border of b zero pixels. */
export function toActivations(
  { shape, data }: Tensor,
  border = 0,
): Float32Array {
  const size = activationShape(shape, border).reduce((a, b) => a * b);
  const values = new Float32Array(size);
  forEachPlace(shape, border, (plain, grouped) => {
    values[grouped] = data[plain];
  });
  return values;
}

/** The inverse of {@linkcode toActivations}; the border is not looked at. */
export function fromActivations(
  values: Float32Array,
  shape: readonly number[],
  border = 0,
): Tensor {
  const tensor = zeros(...shape);
  forEachPlace(shape, border, (plain, grouped) => {
    tensor.data[plain] = values[grouped];
  });
  return tensor;
}

/** Elements of [N, C/4, H+2b, W+2b, 4] outside the [N, C, H, W] within that are not zero. */
export function nonzeroBorderElements(
  values: Float32Array,
  shape: readonly number[],
  border: number,
): number {
  const rest = values.slice();
  forEachPlace(shape, border, (_, grouped) => {
    rest[grouped] = 0;
  });
  return rest.reduce((count, value) => count + (value === 0 ? 0 : 1), 0);
}

/** [N, 1, H, W] → [N, H+2, W+2] with a border of one zero pixel. */
export function toBorderedPlanes({ shape, data }: Tensor): Float32Array {
  const [samples, , height, width] = shape;
  const values = new Float32Array(samples * (height + 2) * (width + 2));
  for (let at = 0; at < data.length; at++) {
    values[borderedPlace(at, height, width)] = data[at];
  }
  return values;
}

/** The inverse of {@linkcode toBorderedPlanes}, and how many elements of the border are not zero. */
export function fromBorderedPlanes(
  values: Float32Array,
  shape: readonly number[],
): { inner: Tensor; nonzeroBorder: number } {
  const [, , height, width] = shape;
  const inner = zeros(...shape);
  const rest = values.slice();
  for (let at = 0; at < inner.data.length; at++) {
    const place = borderedPlace(at, height, width);
    inner.data[at] = values[place];
    rest[place] = 0;
  }
  return { inner, nonzeroBorder: rest.filter((value) => value !== 0).length };
}

function borderedPlace(at: number, height: number, width: number): number {
  const n = Math.floor(at / (height * width));
  const i = Math.floor(at / width) % height;
  return (n * (height + 2) + i + 1) * (width + 2) + at % width + 1;
}

/** Weights [K, C, 3, 3] in kernel order [K/block, C/4, 3, 3, 4, block]. */
export function toConvolutionWeights(
  { shape, data }: Tensor,
  block = 16,
): Float32Array {
  const [outputs, inputs] = shape;
  const values = new Float32Array(data.length);
  for (let k = 0; k < outputs; k++) {
    for (let c = 0; c < inputs; c++) {
      for (let tap = 0; tap < 9; tap++) {
        values[convolutionPlace(k, c, tap, inputs, block)] =
          data[(k * inputs + c) * 9 + tap];
      }
    }
  }
  return values;
}

/** The inverse of {@linkcode toConvolutionWeights} for blocks of 16. */
export function fromConvolutionWeights(
  values: Float32Array,
  shape: readonly number[],
): Tensor {
  const [outputs, inputs] = shape;
  const tensor = zeros(...shape);
  for (let k = 0; k < outputs; k++) {
    for (let c = 0; c < inputs; c++) {
      for (let tap = 0; tap < 9; tap++) {
        tensor.data[(k * inputs + c) * 9 + tap] =
          values[convolutionPlace(k, c, tap, inputs, 16)];
      }
    }
  }
  return tensor;
}

function convolutionPlace(
  k: number,
  c: number,
  tap: number,
  inputs: number,
  block: number,
): number {
  const four = Math.floor(k / block) * (inputs / 4) + (c >> 2);
  return ((four * 9 + tap) * 4 + c % 4) * block + k % block;
}

/** Weights [K, C, 3, 3] with outputs and inputs exchanged, [C, K, 3, 3], and the taps reversed if `flip`. */
export function exchangeChannels(
  { shape, data }: Tensor,
  flip: boolean,
): Tensor {
  const [outputs, inputs] = shape;
  const exchanged = zeros(inputs, outputs, 3, 3);
  for (let k = 0; k < outputs; k++) {
    for (let c = 0; c < inputs; c++) {
      for (let tap = 0; tap < 9; tap++) {
        exchanged.data[(c * outputs + k) * 9 + (flip ? 8 - tap : tap)] =
          data[(k * inputs + c) * 9 + tap];
      }
    }
  }
  return exchanged;
}

/** Matrix [rows, columns] (a tensor seen as such) transposed: weights [K, 1, 3, 3] ↔ [3, 3, K]. */
export function transposed(
  values: ArrayLike<number>,
  rows: number,
): Float32Array {
  const columns = values.length / rows;
  return Float32Array.from(
    { length: values.length },
    (_, at) => values[at % rows * columns + Math.floor(at / rows)],
  );
}

/** Weights [O, C, 8, 8] of the 8×8 convolution in kernel order [C/4, 8, 8, 4, O]. */
export function toDenseWeights({ shape, data }: Tensor): Float32Array {
  const outputs = shape[0];
  return transposed(toActivations(tensorOf(shape, data)), outputs);
}

/** The inverse of {@linkcode toDenseWeights}. */
export function fromDenseWeights(
  values: Float32Array,
  shape: readonly number[],
): Tensor {
  return fromActivations(
    transposed(values, values.length / shape[0]),
    shape,
  );
}
