/**
 * A trained network for programs that have patches of their own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { openGpu } from "../gpu/mod.ts";
import type { GreyPicture } from "../features/mod.ts";
import {
  type DescribedImage,
  describeImage,
  type DescribeImageOptions,
} from "./descriptors/describe_image.ts";
import { publishedNetwork } from "./descriptors/published_network.ts";
import { openDescriber } from "./descriptors/describers.ts";
import { kindOf, requireOptions } from "./config/arguments.ts";
import { PipelineError } from "./errors.ts";

/** A trained network that describes patches. Dispose of it to free the GPU: `using` does. */
export interface Descriptor extends Disposable {
  /** values in a descriptor: 128 */
  readonly dimension: number;
  /**
   * Describes patches, each on its own: whatever shares a call with it, a patch gets the same values.
   *
   * @param patches 8-bit grey values, u8 [count, side, side], row by row
   * @param side 64 for patches as in PhotoTour (resized with antialiasing, divided by 255), 65 as in the HPatches release
   * (resized without antialiasing, 0 … 255): what the authors do to each
   * @returns f32 [count, dimension], rows of length 1 (TFeat's of none); the smaller the distance of two rows, the more alike the places
   * @throws {PipelineError} when `patches` is of another element type or does not hold whole patches of that side; a `GpuError` when the
   * device fails; the signal's reason when it is aborted
   */
  describe(
    patches: Uint8Array,
    side: 64 | 65,
    options?: DescribeOptions,
  ): Promise<Float32Array>;
  /**
   * Finds an image's keypoints and describes the patch of each: the square of side `sideSigmas` · sigma about it, turned by its angle,
   * cut at 64×64 (docs/geometry.md).
   *
   * @param picture grey values row by row, u8 0 … 255 or f32 on the same scale
   * @returns keypoints, strongest first, in pixels from the centre of the top left pixel, and f32 [keypoints, dimension]; none for an image
   * without texture
   * @throws {FeatureError} when the picture's size and pixels disagree, or an option is out of its range; the signal's reason when it is
   * aborted
   */
  describeImage(
    picture: GreyPicture,
    options?: DescribeImageOptions & DescribeOptions,
  ): Promise<DescribedImage>;
}

/**
 * What a caller of {@linkcode Descriptor.describe} gets beside the result. Between two batches the event loop has a turn, so timers and
 * requests are answered; what a batch takes blocks the thread.
 */
export interface DescribeOptions {
  /** aborting it ends the work before the next batch */
  signal?: AbortSignal;
  /** told after every batch how many patches are described, and of how many */
  onProgress?: (done: number, total: number) => void;
}

const attempt = "describe patches";

/** How {@linkcode loadDescriptor} sets the network up. No result depends on it. */
export interface DescriptorOptions {
  /** patches that go through the network at once; default 512 */
  batchSize?: number;
  /** GPU memory budget in MiB; default: what the adapter allows */
  memoryMib?: number;
}

/**
 * Loads a network to describe patches with.
 *
 * @param checkpoint path or `file:` URL of a `model.safetensors`, or of a PyTorch checkpoint of a network of `stage1.arch` or of HardNet, SOSNet,
 * L2-Net, HyNet or TFeat by their authors (`.pt`, `.pth`, zip form or legacy stream; of a teacher and a student the student); left out: the network that comes with the program
 * @throws {PipelineError} for an option or URL that is none; a `DataError` when the file cannot be read, is damaged or asks
 * for code to be run; a `GpuError` when it holds another network, there is no adapter, or the budget is too small
 *
 * @example
 * ```ts ignore
 * import { loadDescriptor } from "./mod.ts";
 *
 * using descriptor = await loadDescriptor();
 * const patches = new Uint8Array(2 * 64 * 64); // two grey patches
 * const values = await descriptor.describe(patches, 64);
 * const [first, second] = [values.subarray(0, 128), values.subarray(128)];
 * const distance = Math.hypot(...first.map((value, i) => value - second[i]));
 * ```
 */
export async function loadDescriptor(
  checkpoint: string | URL = publishedPath(),
  options: DescriptorOptions = {},
): Promise<Descriptor> {
  requireOptions(options, "load a network");
  const { batchSize = 512, memoryMib = 0 } = options;
  requireWhole("batchSize", batchSize, 1);
  requireWhole("memoryMib", memoryMib, 0);
  using owned = new DisposableStack();
  const describer = owned.use(
    await openDescriber("trained", {
      modelPath: pathOf(checkpoint),
      network: "SDGMNet128",
      seed: 0,
      batchSize,
      gpu: async () => owned.use(await openGpu({ memoryMib })),
    }),
  );
  const kept = owned.move();
  const { dimension } = describer;

  async function describe(
    patches: Uint8Array,
    side: 64 | 65,
    options: DescribeOptions = {},
  ): Promise<Float32Array> {
    checkPatches(patches, side);
    requireOptions(options, attempt);
    const { signal, onProgress } = options;
    signal?.throwIfAborted();
    const total = patches.length / side ** 2;
    return await describer.describe(patches, side, async (done) => {
      onProgress?.(done, total);
      await turnOfEventLoop();
      signal?.throwIfAborted();
    });
  }

  return {
    dimension,
    // deno-lint-ignore require-await -- what is refused is a rejection
    describeImage: async (picture, given = {}) => {
      requireOptions(given, "describe an image");
      const { signal, onProgress, ...options } = given;
      signal?.throwIfAborted();
      const work = {
        ...(signal === undefined ? {} : { signal }),
        ...(onProgress === undefined ? {} : { onProgress }),
      };
      return describeImage(picture, {
        dimension,
        async describe(patches, side) {
          await turnOfEventLoop();
          signal?.throwIfAborted();
          return await describe(patches, side, work);
        },
      }, options);
    },
    describe,
    [Symbol.dispose]: () => kept.dispose(),
  };
}

function publishedPath(): string {
  const path = publishedNetwork();
  if (path !== undefined) return path;
  throw refusal("checkpoint", "none in weights/", "the path of a network");
}

function turnOfEventLoop(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

function pathOf(checkpoint: string | URL): string {
  if (typeof checkpoint === "string") return checkpoint;
  const wanted = "a file: URL or a path";
  if (!(checkpoint instanceof URL)) {
    throw refusal("checkpoint", kindOf(checkpoint), wanted);
  }
  if (checkpoint.protocol === "file:") return fileURLToPath(checkpoint);
  throw refusal("checkpoint", checkpoint.href, wanted);
}

function requireWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw refusal(name, String(value), `a whole number of ${least} or more`);
}

function checkPatches(patches: Uint8Array, side: number): void {
  // Callers without a compiler hand over floats and other integers, whose values would be read as something else.
  if (!((patches as unknown) instanceof Uint8Array)) {
    throw refusal(
      "patches",
      kindOf(patches),
      "a Uint8Array of grey values 0 … 255",
    );
  }
  if (side !== 64 && side !== 65) {
    throw refusal("side", kindOf(side), "the number 64 or 65");
  }
  if (patches.length % side ** 2 === 0) return;
  throw refusal(
    "patches",
    `${patches.length} bytes`,
    `a multiple of ${side}·${side} = ${side ** 2}`,
  );
}

function refusal(where: string, found: string, wanted: string): PipelineError {
  return new PipelineError({
    attempt,
    where,
    found,
    wanted,
  });
}
