/** A value of an activation or of its gradient. */
export interface MapPlace {
  /** sample */
  n: number;
  /** channel */
  c: number;
  /** row and column */
  i: number;
  j: number;
}

/** A value of a convolution's weights: from channel c to channel k. */
export interface WeightPlace {
  c: number;
  k: number;
  /** 3·row + column */
  tap: number;
}

/** Where a value lies in maps [N, C/4, side, side, 4]. */
export function placeInMap(
  { n, c, i, j }: MapPlace,
  channels: number,
  side: number,
): number {
  const plane = n * channels / 4 + (c >> 2);
  return ((plane * side + i) * side + j) * 4 + c % 4;
}

/** The value that lies at a place of maps [N, C/4, side, side, 4]. */
export function mapAt(at: number, channels: number, side: number): MapPlace {
  const pixel = Math.floor(at / 4);
  const plane = Math.floor(pixel / side ** 2);
  return {
    n: Math.floor(plane / (channels / 4)),
    c: plane % (channels / 4) * 4 + at % 4,
    i: Math.floor(pixel / side) % side,
    j: pixel % side,
  };
}

/** Where a weight lies in weights [K/block, C/4, 3, 3, 4, block]. */
export function placeOfWeight(
  { c, k, tap }: WeightPlace,
  inputChannels: number,
  block: number,
): number {
  const blockOfInputs = Math.floor(k / block) * inputChannels / 4 + (c >> 2);
  return ((blockOfInputs * 9 + tap) * 4 + c % 4) * block + k % block;
}

/** The weight that lies at a place of weights [K/block, C/4, 3, 3, 4, block]. */
export function weightAt(
  at: number,
  inputChannels: number,
  block: number,
): WeightPlace {
  const vector = Math.floor(at / (4 * block));
  const inputs4 = Math.floor(vector / 9);
  return {
    c: inputs4 % (inputChannels / 4) * 4 + Math.floor(at / block) % 4,
    k: Math.floor(inputs4 / (inputChannels / 4)) * block + at % block,
    tap: vector % 9,
  };
}
