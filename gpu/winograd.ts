import { activationInclude, activationTypes } from "./activation.ts";
import { type Convolution, sampleGroup } from "./convolution.ts";
import type { Gpu } from "./device.ts";
import { kernel } from "./kernel.ts";
import { type Recorder, unsigned } from "./recorder.ts";
import { Arena, type Tensor } from "./tensor.ts";
import { assertShape } from "./tensor_checks.ts";
import { groupThatDivides } from "./tiles.ts";
import inputSource from "./wgsl/winograd/winograd_input.wgsl" with {
  type: "text",
};
import library from "./wgsl/lib/winograd.wgsl" with { type: "text" };

/** Places at which F(4×4, 3×3) multiplies: 36 products for 16 outputs, where the direct sum takes 144. */
export const winogradPoints = 36;
/** Rows and columns of one tile of outputs. */
const tileSize = 4;

/** The one-dimensional maps that the kernels include. */
export const winogradLibrary = { winograd: library };

/** Elements of a convolution's weights, or of their gradient, at the 36 points. */
export function winogradWeightCount(
  { inputChannels, outputChannels }: Convolution,
): number {
  return winogradPoints * inputChannels * outputChannels;
}

/** Elements of one sample's inputs, or outputs, at the 36 points. */
function elementsOfSample(channels: number, size: number): number {
  return winogradPoints * channels * (size / tileSize) ** 2;
}

/** What lies between the passes of a convolution of stride 1; the layers of a network share one. */
export class WinogradScratch implements Disposable {
  /** Inputs at the points: [36, C/4, tiles, 4]. */
  readonly v: Tensor;
  /** Outputs, or their gradients, at the points: [36, K/4, tiles, 4]. */
  readonly m: Tensor;
  /** Weights at the points. */
  readonly u: Tensor;
  readonly #arena: Arena;

  /**
   * @param samples of the batch at most, whole sample groups; as many at a time as the device's tiles say pass through the largest of the
   * convolutions, on which no result depends
   */
  constructor(
    gpu: Gpu,
    convolutions: readonly Convolution[],
    samples: number,
  ) {
    using owned = new DisposableStack();
    const arena = owned.use(new Arena(gpu));
    const atOnce = Math.min(samples, gpu.tiles.winograd?.samples ?? samples);
    const size = atOnce * Math.max(
      ...convolutions.map(({ inputChannels, outputChannels, size }) =>
        elementsOfSample(Math.max(inputChannels, outputChannels), size)
      ),
    );
    this.v = arena.tensor("Winograd inputs", [size]);
    this.m = arena.tensor("Winograd outputs", [size]);
    const weights = Math.max(...convolutions.map(winogradWeightCount));
    const uniform = { uniform: true };
    this.u = arena.tensor("Winograd weights", [weights], uniform);
    this.#arena = arena;
    owned.move();
  }

  [Symbol.dispose](): void {
    this.#arena[Symbol.dispose]();
  }
}

/** A run of samples that pass through the scratch at once. */
export interface WinogradChunk {
  first: number;
  samples: number;
}

/** How a batch goes through the scratch, and its chunks in order. */
export interface WinogradPlan {
  /** Samples that the tensors outside the scratch hold. */
  capacity: number;
  /** Tiles that the scratch is cut for. */
  tiles: number;
  tilesOfSample: number;
  chunks: WinogradChunk[];
}

/** Cuts `count` samples of tensors that hold `capacity` into chunks that fit the scratch. */
export function winogradPlan(
  { inputChannels, outputChannels, size }: Convolution,
  { v, m }: WinogradScratch,
  capacity: number,
  count: number,
): WinogradPlan {
  const fitting = Math.min(
    v.size / elementsOfSample(inputChannels, size),
    m.size / elementsOfSample(outputChannels, size),
  );
  const most = Math.min(
    capacity,
    Math.floor(fitting / sampleGroup) * sampleGroup,
  );
  const tilesOfSample = (size / tileSize) ** 2;
  const chunks = Array.from({ length: Math.ceil(count / most) }, (_, index) => {
    const first = index * most;
    return { first, samples: Math.min(most, count - first) };
  });
  return { capacity, tiles: most * tilesOfSample, tilesOfSample, chunks };
}

/**
 * v[ξ,c,t] = (Bᵀ x B)[ξ] of every 6×6 window t, for one chunk of samples.
 *
 * x [N, C/4, H+2, W+2, 4] with a border of one zero pixel, an activation in 32 or 16 bits or a gradient.
 *
 * @throws {GpuError} when the shape does not fit
 */
export function winogradInput(
  recorder: Recorder,
  { inputChannels, size }: Convolution,
  x: Tensor,
  v: Tensor,
  { capacity, tiles }: WinogradPlan,
  { first, samples }: WinogradChunk,
): void {
  const channels4 = inputChannels / 4;
  const side = size + 2;
  const shape = [capacity, channels4, side, side, 4];
  assertShape("winogradInput", "x", x, shape, activationTypes);
  const rows = channels4 * (size / tileSize);
  const group = groupThatDivides(sampleGroup * rows, recorder.gpu.tiles.group);
  const compiled = kernel(recorder.gpu, "winograd_input", inputSource, {
    GROUP: group,
  }, { ...winogradLibrary, ...activationInclude("winogradInput", { x }) });
  const groups = samples * rows / group;
  const params = unsigned(channels4, size, size, tiles, first);
  recorder.dispatch(compiled, [x, v], [groups], params);
}
