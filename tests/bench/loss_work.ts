/** A bound tensor: the shape it was made with, and the elements bound of it. */
export interface Operand {
  shape: readonly number[];
  size: number;
}

/** Operations and words of one dispatch, and what it works on, by its operands, uniform values and workgroups. */
export type Rule = (
  operands: Operand[],
  uniform: number[],
  groups: number[],
) => [flops: number, words: number, shape?: string];

const descriptorSize = 128;

/** The kernels of a training step beside the network's own passes: augmentation, mining, loss, optimizer. */
export const workBesideNetwork: Readonly<Record<string, Rule>> = {
  augment: (_, [count]) => [count * 1024 * 30 * 14, count * (2 * 1024 + 12)],
  adamStep: ([{ size }]) => [15 * size, 7 * size],
  hardestPositive: ([x, , starts], [rows]) => [
    2 * descriptorSize * rows * rows / (starts.size - 1),
    x.size + 3 * rows,
  ],
  hardestNegativeTile: ([x], [rows, blocks], [, tiles]) => {
    const all = blocks * 32;
    return [
      (2 * descriptorSize + 8) * rows * all,
      x.size + 2 * all * (tiles + 1),
    ];
  },
  hardestNegative: (_, [rows, , tiles]) => [
    rows * tiles,
    2 * rows * (tiles + 1),
  ],
  hardestPair: ([starts, distance], [classes]) => [
    2 * distance.size,
    starts.size + 4 * distance.size + 4 * classes,
  ],
  pairDistance: ([x], [pairs]) => [
    3 * descriptorSize * pairs,
    Math.min(x.size, 2 * descriptorSize * pairs) + 3 * pairs,
  ],
  median: (_, [count]) => [4 * count ** 2, count],
  descriptorLoss: (_, [classes]) => [30 * classes, 12 * classes],
  negativeChain: ([pairs, head, next], [classes]) => [
    classes,
    pairs.size + head.size + next.size,
  ],
  descriptorLossGradient: ([x, , pairs]) => [
    3 * descriptorSize * pairs.size,
    2 * x.size + 2 * pairs.size,
  ],
  descriptorLossStatistics: ([, , , { size }], [classes]) => [
    size * classes,
    6 * classes + size,
  ],
};
