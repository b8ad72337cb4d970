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
  adam: ([{ size }]) => [15 * size, 7 * size],
  hardest_positive: ([x, , starts], [rows]) => [
    2 * descriptorSize * rows * rows / (starts.size - 1),
    x.size + 3 * rows,
  ],
  hardest_negative_tile: ([x], [rows, blocks], [, tiles]) => {
    const all = blocks * 32;
    return [
      (2 * descriptorSize + 8) * rows * all,
      x.size + 2 * all * (tiles + 1),
    ];
  },
  hardest_negative: (_, [rows, , tiles]) => [
    rows * tiles,
    2 * rows * (tiles + 1),
  ],
  hardest_pair: ([starts, distance], [classes]) => [
    2 * distance.size,
    starts.size + 4 * distance.size + 4 * classes,
  ],
  pair_distance: ([x], [pairs]) => [
    3 * descriptorSize * pairs,
    Math.min(x.size, 2 * descriptorSize * pairs) + 3 * pairs,
  ],
  median: (_, [count]) => [4 * count ** 2, count],
  descriptor_loss: (_, [classes]) => [30 * classes, 12 * classes],
  negative_chain: ([pairs, head, next], [classes]) => [
    classes,
    pairs.size + head.size + next.size,
  ],
  descriptor_loss_gradient: ([x, , pairs]) => [
    3 * descriptorSize * pairs.size,
    2 * x.size + 2 * pairs.size,
  ],
  descriptor_loss_statistics: ([, , , { size }], [classes]) => [
    size * classes,
    6 * classes + size,
  ],
};
