import { DataError } from "../errors.ts";
import { chooseDistinct, RandomStream } from "../random.ts";

/** One training batch; patches of a class stand next to each other. */
export interface PatchBatch {
  /** Which patches of the set, [rows]. */
  patchIndices: Uint32Array<ArrayBuffer>;
  /** Class of each row within this batch, 0 … batchSize−1, ascending, [rows]. */
  labels: Uint32Array<ArrayBuffer>;
  /** The class's place among all labels of the patch set in ascending order, 0 … labelCount−1, [rows]. */
  setIds: Uint32Array<ArrayBuffer>;
}

/**
 * Draws training batches as a pure function of (seed, epoch, step): `batchSize` distinct labels, then `positives`
 * patches of each without replacement. A class with no more patches than that gives all of them, and a class of one
 * gives its patch twice, so the number of rows may differ between batches.
 * Source: the authors' tuple sampler (`batch_size`, `Npos`).
 */
export class BatchSampler {
  readonly batchSize: number;
  readonly positives: number;
  readonly #seed: number;
  /** Patch indices grouped by class; class c owns members[starts[c]] … members[starts[c + 1] − 1]. */
  readonly #members: Uint32Array;
  readonly #starts: Uint32Array;
  readonly #classIdentity: Uint32Array;
  readonly #memberIdentity: Uint32Array;

  /**
   * @param labels label of every patch of the set
   * @param options.batchSize classes in a batch, 1 … number of distinct labels
   * @param options.positives patches a class, at least 2
   * @throws {DataError} when the set has fewer labels than a batch wants, or an option is impossible
   */
  constructor(
    labels: Uint32Array,
    options: { seed: number; batchSize: number; positives: number },
  ) {
    requireInteger("Npos", options.positives, 2);
    requireInteger("batch_size", options.batchSize, 1);
    this.batchSize = options.batchSize;
    this.positives = options.positives;
    this.#seed = options.seed;
    const order = sortedOrder(labels);
    const starts: number[] = [];
    let largest = 0;
    for (let i = 0; i < order.length; i++) {
      if (i === 0 || labels[order[i]] !== labels[order[i - 1]]) starts.push(i);
      largest = Math.max(largest, i + 1 - starts[starts.length - 1]);
    }
    if (starts.length < options.batchSize) {
      throw new DataError({
        attempt: "draw a training batch",
        where: "batch_size",
        found:
          `${options.batchSize} classes a batch from a patch set of ${starts.length} labels`,
        wanted: `at most ${starts.length}`,
        remedy: "lower batch_size or raise patch_sets",
      });
    }
    this.#members = order;
    starts.push(order.length);
    this.#starts = Uint32Array.from(starts);
    this.#classIdentity = identity(this.labelCount);
    this.#memberIdentity = identity(largest);
  }

  /** Number of distinct labels in the patch set. */
  get labelCount(): number {
    return this.#starts.length - 1;
  }

  /** The batch of one step; equal arguments give an equal batch, whatever was drawn before. */
  batch(epoch: number, step: number): PatchBatch {
    const stream = new RandomStream(this.#seed, "batch", epoch, step);
    const classes = chooseDistinct(this.batchSize, this.#classIdentity, stream);
    let rows = 0;
    for (const set of classes) rows += this.#rowsOf(set);
    const patchIndices = new Uint32Array(rows);
    const labels = new Uint32Array(rows);
    const setIds = new Uint32Array(rows);
    let row = 0;
    for (let slot = 0; slot < classes.length; slot++) {
      const set = classes[slot];
      const start = this.#starts[set];
      const size = this.#starts[set + 1] - start;
      const taken = Math.min(size, this.positives);
      const chosen = chooseDistinct(
        taken,
        this.#memberIdentity.subarray(0, size),
        stream,
      );
      const end = row + this.#rowsOf(set);
      labels.fill(slot, row, end);
      setIds.fill(set, row, end);
      for (let i = 0; row < end; i++, row++) {
        patchIndices[row] = this.#members[start + chosen[i % taken]];
      }
    }
    return { patchIndices, labels, setIds };
  }

  #rowsOf(set: number): number {
    const size = this.#starts[set + 1] - this.#starts[set];
    return Math.max(2, Math.min(size, this.positives));
  }
}

/** Indices of `labels` in ascending order of label, then of index. */
function sortedOrder(labels: Uint32Array): Uint32Array {
  const room = Math.max(1, labels.length);
  // label · room + index stays a safe integer up to 2²¹ patches; sorting such numbers natively is ten times faster
  if (room > 2 ** 21) {
    return identity(room).sort((a, b) => labels[a] - labels[b] || a - b);
  }
  const keys = new Float64Array(labels.length);
  for (let i = 0; i < labels.length; i++) keys[i] = labels[i] * room + i;
  keys.sort();
  return Uint32Array.from(keys, (key) => key % room);
}

function identity(length: number): Uint32Array {
  return Uint32Array.from({ length }, (_, i) => i);
}

function requireInteger(option: string, value: number, least: number) {
  if (!Number.isInteger(value) || value < least) {
    throw new DataError({
      attempt: "draw a training batch",
      where: option,
      found: String(value),
      wanted: `an integer of at least ${least}`,
    });
  }
}
