import { readFile } from "node:fs/promises";
import assert from "node:assert/strict";
import { parseSafetensors } from "../../../data/tensors/safetensors.ts";
import type { NetworkState } from "../../reference/sdgmnet128.ts";
import { type Tensor, tensorOf } from "../../reference/tensor.ts";
import type { RandomStream } from "../../../gpu/random_bits.ts";
import { goldenUniform, sampleIndices, streamOf } from "./golden_hash.ts";
import { keepMaskOf } from "../gpu/network_on_gpu.ts";

/** Share of values that the golden figures' dropout drops. */
export const goldenDropoutRate = 0.3;

/**
 * The network of the golden figures: the 44 `features.…` tensors of the published state without
 * `num_batches_tracked`, as float32-exact numbers.
 */
export function goldenState(): NetworkState {
  const state: NetworkState = new Map();
  const add = (
    name: string,
    shape: number[],
    centre: number,
    spread: number,
  ) => {
    const count = shape.reduce((product, extent) => product * extent, 1);
    const values = goldenUniform(name, count).map((u) =>
      Math.fround(centre + spread * (2 * u - 1))
    );
    state.set(name, tensorOf(shape, values));
  };
  const addActivation = (
    layer: number,
    index: number,
    channels: number,
    threshold: number,
  ) => {
    const shape = [1, channels, 1, 1];
    add(`features.${layer}.${index}.weight`, shape, 1, 0.2);
    add(`features.${layer}.${index}.bias`, shape, 0, 0.2);
    state.set(
      `features.${layer}.${index}.eps`,
      tensorOf([1], [Math.fround(1e-6)]),
    );
    add(`features.${layer}.${index + 1}.tau`, shape, threshold, 0.25);
  };
  const widths = [1, 32, 32, 64, 64, 128, 128, 128];
  addActivation(0, 0, 1, 0.3);
  for (let layer = 0; layer < 7; layer++) {
    const index = layer === 0 ? 2 : layer === 6 ? 1 : 0;
    const [inputs, outputs, side] = [
      widths[layer],
      widths[layer + 1],
      layer === 6 ? 8 : 3,
    ];
    const name = `features.${layer}.${index}`;
    const spread = 0.6 * Math.sqrt(3 / (inputs * side * side));
    add(`${name}.weight`, [outputs, inputs, side, side], 0, spread);
    if (layer === 6) continue;
    add(`${name}.bias`, [outputs], 0.01, 0.02);
    addActivation(layer, index + 1, outputs, -0.5);
  }
  add("features.6.2.running_mean", [128], 0, 0.1);
  add("features.6.2.running_var", [128], 0.4, 0.2);
  return state;
}

/** The stream of the dropout that the golden figures call `name`. */
export function goldenDropoutStream(name: string): RandomStream {
  return {
    a: streamOf(`${name}.a`),
    b: streamOf(`${name}.b`),
    c: streamOf(`${name}.c`),
  };
}

/** Which values [N, 128, 8, 8] the dropout under `name` keeps: 1 kept, 0 dropped. */
export function goldenKeepMask(name: string, samples: number): Uint8Array {
  return keepMaskOf(goldenDropoutStream(name), goldenDropoutRate, samples);
}

/** How far an actual tensor may stray from the golden one. */
export interface GoldenTolerance {
  /** any entry, as a share of the golden tensor's largest magnitude */
  entry: number;
  /** the 2-norm, relative; by default as `entry` */
  norm?: number;
}

/** One file of golden figures. */
export class GoldenFigures {
  readonly #tensors: Map<string, Tensor>;
  /** Options the figures were made with, as JSON. */
  readonly options: Record<string, string>;

  private constructor(
    tensors: Map<string, Tensor>,
    options: Record<string, string>,
  ) {
    this.#tensors = tensors;
    this.options = options;
  }

  /** Opens `tests/golden/<folder>/<name>.safetensors`. */
  static async open(
    name: string,
    folder: "network" | "rivals" = "network",
  ): Promise<GoldenFigures> {
    const file = new URL(
      `../../golden/${folder}/${name}.safetensors`,
      import.meta.url,
    );
    const { tensors, metadata } = parseSafetensors(
      await readFile(file),
      name,
    );
    const figures = new Map<string, Tensor>();
    for (const [key, { shape, data }] of tensors) {
      figures.set(
        key,
        tensorOf(shape, Array.from(data as ArrayLike<number | bigint>, Number)),
      );
    }
    return new GoldenFigures(figures, metadata);
  }

  /** A tensor that is stored whole. */
  exact(name: string): Tensor {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new RangeError(`no golden figure ${name}`);
    return tensor;
  }

  /** A single stored number. */
  scalar(name: string): number {
    return this.exact(name).data[0];
  }

  /** Pairs of rows, stored as [K, 2], each with the smaller row first: which of the two was the anchor is rounding. */
  unorderedPairs(name: string): [number, number][] {
    const { shape: [count], data } = this.exact(name);
    return unordered(
      Array.from({ length: count }, (_, k) => [data[2 * k], data[2 * k + 1]]),
    );
  }

  /** Options stored as JSON under a key of the file's metadata. */
  optionsOf<T>(key: string): T {
    return JSON.parse(this.options[key]) as T;
  }

  /** Whether a figure is stored, whole or as a sample. */
  has(name: string): boolean {
    return this.#tensors.has(name) || this.#tensors.has(`${name}@sample`);
  }

  /**
   * How far `actual` strays from the figure `name`, which is stored whole or as a sample with its norm.
   *
   * @returns the worst entry's error as a share of the largest magnitude, the norm's relative error and a sentence
   */
  deviation(
    name: string,
    actual: ArrayLike<number>,
  ): { entry: number; norm: number; sentence: string } {
    const whole = this.#tensors.get(name);
    const golden = whole ?? this.exact(`${name}@sample`);
    const largest = this.#tensors.get(`${name}@summary`)?.data[1] ??
      golden.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const positions = whole ? undefined : sampleIndices(name, actual.length);
    if (whole) {
      assert.equal(actual.length, whole.data.length, `size of ${name}`);
    }
    let worst = { error: -1, at: -1, found: NaN, wanted: NaN };
    golden.data.forEach((wanted, index) => {
      const at = positions ? positions[index] : index;
      const error = wanted === actual[at]
        ? 0
        : Math.abs(actual[at] - wanted) / largest;
      if (!(error <= worst.error)) {
        worst = { error, at, found: actual[at], wanted };
      }
    });
    const goldenNorm = this.#tensors.get(`${name}@summary`)?.data[0] ??
      normOf(golden.data);
    const norm = goldenNorm === 0
      ? normOf(actual)
      : Math.abs(normOf(actual) / goldenNorm - 1);
    const sentence =
      `${name}: worst entry [${worst.at}] is ${worst.found}, PyTorch has ${worst.wanted}: ` +
      `${worst.error.toExponential(2)} of the largest (${
        largest.toExponential(2)
      }); ` +
      `norm off by ${norm.toExponential(2)}`;
    return { entry: worst.error, norm, sentence };
  }

  /** 2-norm of the difference between `actual` and the stored entries of a figure, as a share of the figure's. */
  distance(name: string, actual: ArrayLike<number>): number {
    const whole = this.#tensors.get(name);
    const golden = (whole ?? this.exact(`${name}@sample`)).data;
    const positions = whole ? undefined : sampleIndices(name, actual.length);
    const apart = golden.map((wanted, index) =>
      actual[positions ? positions[index] : index] - wanted
    );
    return normOf(apart) / normOf(golden);
  }

  /** Fails, naming the worst entry, unless `actual` is within the tolerance of the figure `name`. */
  compare(
    name: string,
    actual: ArrayLike<number>,
    tolerance: GoldenTolerance,
  ): void {
    const { entry, norm, sentence } = this.deviation(name, actual);
    const near = entry <= tolerance.entry &&
      norm <= (tolerance.norm ?? tolerance.entry);
    assert.ok(near, sentence);
  }
}

/** Every pair with its smaller row first. */
export function unordered(pairs: [number, number][]): [number, number][] {
  return pairs.map(([first, second]) =>
    first < second ? [first, second] : [second, first]
  );
}

function normOf(values: ArrayLike<number>): number {
  let sumOfSquares = 0;
  for (let at = 0; at < values.length; at++) sumOfSquares += values[at] ** 2;
  return Math.sqrt(sumOfSquares);
}
