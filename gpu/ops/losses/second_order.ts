import type { Gpu } from "../../device.ts";
import { GpuError } from "../../errors.ts";
import { kernel } from "../../kernel.ts";
import {
  descriptorDimension,
  type LabelledDescriptors,
  samplesPerBlock,
} from "../../labelled_descriptors.ts";
import type { Recorder } from "../../recorder.ts";
import { Arena, type Tensor } from "../../tensor.ts";
import { assertShape } from "../../tensor_checks.ts";
import neighbours from "../../wgsl/lib/neighbours.wgsl" with { type: "text" };
import reachSource from "../../wgsl/second_order/neighbour_reach.wgsl" with {
  type: "text",
};
import coefficientsSource from "../../wgsl/second_order/second_order_coefficients.wgsl" with {
  type: "text",
};
import gradientSource from "../../wgsl/second_order/second_order_gradient.wgsl" with {
  type: "text",
};
import rootsSource from "../../wgsl/second_order/second_order_roots.wgsl" with {
  type: "text",
};
import distancesSource from "../../wgsl/second_order/view_distances.wgsl" with {
  type: "text",
};
import { squareDistanceEpsilon } from "./loss_terms.ts";

const neighbourCount = 8;
/** Beyond every distance. */
const far = 1e30;
/** Classes that an invocation compares its own with at a time. */
const columns = 4;
/** Components of a row that an invocation adds to. */
const chunk = 16;

/**
 * SOSNet's second-order term: the distances among the left views should be those among the right ones.
 *
 *     Σ over classes i of T_i,  T_i = √(Σ over neighbours j of (LL_ij − RR_ij)² + 1e-6)
 *
 * j and i are neighbours where one is among the other's eight nearest negatives (nearer ones than 0.008 never count) in LL, RR, LR or
 * LR's columns; which they are has no gradient. Sums run in a fixed order. The scratch is 20·N² bytes for N classes. Source: Tian
 * et al., "SOSNet" (2019), and the program published with HyNet.
 */
export class SecondOrder implements Disposable {
  readonly #arena: Arena;
  readonly #classes: number;
  readonly #distances: Tensor;
  readonly #reachDistance: Tensor;
  readonly #reachClass: Tensor;
  readonly #roots: Tensor;
  readonly #coefficients: Tensor;
  readonly #samePatch: number;

  /**
   * @param classes the most of a batch
   * @param samePatch distance up to which rows are no negatives
   * @throws {GpuMemoryError} when N² distances do not fit
   */
  constructor(gpu: Gpu, classes: number, samePatch: number) {
    using owned = new DisposableStack();
    this.#arena = owned.use(new Arena(gpu));
    this.#classes = classes;
    this.#samePatch = samePatch;
    const tensor = (label: string, ...shape: number[]) =>
      this.#arena.tensor(`second order ${label}`, shape);
    this.#distances = tensor("distances", 3, classes, classes);
    this.#reachDistance = tensor("reach", 4, classes);
    this.#reachClass = this.#arena.tensor(
      "second order last neighbours",
      [4, classes],
      { type: "u32" },
    );
    this.#roots = tensor("roots", classes);
    this.#coefficients = tensor("coefficients", 2, classes, classes);
    owned.move();
  }

  /**
   * Records the term of a batch of two rows a class, adding T_i to the loss of class i.
   *
   * @param terms [≥ classes, 4], the loss first
   * @throws {GpuError} when there are more classes than the capacity
   */
  addTerms(
    recorder: Recorder,
    { descriptors, classCount }: LabelledDescriptors,
    terms: Tensor,
  ): void {
    if (classCount > this.#classes) {
      throw new GpuError({
        attempt: "run secondOrder",
        where: "classCount",
        found: String(classCount),
        wanted: `at most ${this.#classes}`,
      });
    }
    const uniform = [{ u32: classCount }];
    const lanes = Math.ceil(classCount / 32);
    const epsilon = { SQUARE_EPSILON: { f32: squareDistanceEpsilon } };
    const samePatch = { SAME_PATCH: { f32: this.#samePatch } };
    const includes = { neighbours };
    recorder.dispatch(
      kernel(recorder.gpu, "view_distances", distancesSource, {
        ...epsilon,
        DIMENSION: descriptorDimension,
        L: samplesPerBlock,
        COLUMNS: columns,
      }),
      [descriptors, this.#distances],
      [lanes, Math.ceil(classCount / columns)],
      uniform,
    );
    recorder.dispatch(
      kernel(recorder.gpu, "neighbour_reach", reachSource, {
        ...samePatch,
        NEIGHBOURS: neighbourCount,
        FAR: { f32: far },
      }),
      [this.#distances, this.#reachDistance, this.#reachClass],
      [lanes, 4],
      uniform,
    );
    const neighbourhood = [
      this.#distances,
      this.#reachDistance,
      this.#reachClass,
    ];
    recorder.dispatch(
      kernel(recorder.gpu, "second_order_roots", rootsSource, {
        ...epsilon,
        ...samePatch,
      }, includes),
      [...neighbourhood, this.#roots, terms],
      [lanes],
      uniform,
    );
    recorder.dispatch(
      kernel(
        recorder.gpu,
        "second_order_coefficients",
        coefficientsSource,
        samePatch,
        includes,
      ),
      [...neighbourhood, this.#roots, this.#coefficients],
      [lanes, classCount],
      uniform,
    );
  }

  /**
   * Records adding the term's gradient with respect to the descriptors, after {@linkcode addTerms} of the same batch.
   *
   * @param gradient [B, 128, 32]
   * @throws {GpuError} when the gradient has another shape than the descriptors
   */
  addGradient(
    recorder: Recorder,
    { descriptors, classCount }: LabelledDescriptors,
    gradient: Tensor,
  ): void {
    assertShape("secondOrder", "gradient", gradient, descriptors.shape);
    recorder.dispatch(
      kernel(recorder.gpu, "second_order_gradient", gradientSource, {
        DIMENSION: descriptorDimension,
        L: samplesPerBlock,
        CHUNK: chunk,
      }),
      [descriptors, this.#coefficients, gradient],
      [
        Math.ceil(2 * classCount / samplesPerBlock),
        descriptorDimension / chunk,
      ],
      [{ u32: classCount }],
    );
  }

  [Symbol.dispose](): void {
    this.#arena[Symbol.dispose]();
  }
}
