import {
  type ActivationType,
  descriptorSize,
  type Gpu,
  initialWeights,
  type NetworkName,
  networks,
  type NetworkState,
  type OnBatch,
  openDescriptorNetwork,
} from "../../gpu/mod.ts";
import { meanStd, meanStdDimension } from "../baselines/mean_std.ts";
import { pixels, pixelsDimension } from "../baselines/pixels.ts";
import { rootSift, rootSiftDimension } from "../baselines/root_sift.ts";
import { sift, siftDimension } from "../baselines/sift.ts";
import type { DescriptorName } from "../config/descriptor_names.ts";
import { namingFiles, readNetwork } from "./network_file.ts";

/** Something that turns patches into descriptors. */
export interface Describer extends Disposable {
  /** Values in a descriptor. */
  readonly dimension: number;
  /**
   * Describes patches, each on its own.
   *
   * @param patches u8 [count, side, side]
   * @param side 65 for the HPatches release, 64 for PhotoTour
   * @param onBatch called by a network after each batch; throws to end the work
   * @returns [count, dimension]
   */
  describe(
    patches: Uint8Array,
    side: 64 | 65,
    onBatch?: OnBatch,
  ): Promise<Float32Array>;
}

/** What {@linkcode openDescriber} needs for the descriptors that are networks. */
export interface DescriberOptions {
  /** the trained network: safetensors, or a PyTorch checkpoint */
  modelPath: string;
  /** the untrained network */
  network: NetworkName;
  /** of its initial weights */
  seed: number;
  /** patches that go through the network at once */
  batchSize: number;
  /** what activations are stored in, 32 bits unless told */
  activations?: ActivationType;
  /**
   * Gives what a network shall run on, when there is one to open. Whoever opened it closes it, after the describers; networks
   * that share it compile their kernels once.
   */
  gpu: () => Promise<Gpu>;
  /** told in a line what was done to the trained network's weights, and which network it is where it is not one of this program */
  onNote?: (line: string) => void;
}

/** What a descriptor takes besides the patches. */
export type DescriberNeed = "model" | "seed" | "gpu";

/** One descriptor: what it needs of the options, and how it is opened. */
export interface DescriberKind {
  needs: readonly DescriberNeed[];
  open(options: DescriberOptions): Promise<Describer>;
}

/** How each descriptor is opened. Only the networks touch the GPU. */
export const describers: Record<DescriptorName, DescriberKind> = {
  trained: {
    needs: ["model", "gpu"],
    open: async (options) =>
      await openNetwork(
        await readNetwork(options.modelPath, options.onNote),
        options,
        [options.modelPath],
      ),
  },
  untrained: {
    needs: ["seed", "gpu"],
    open: (options) =>
      openNetwork(
        initialWeights(networks[options.network], options.seed),
        options,
      ),
  },
  meanstd: onCpu(meanStd, meanStdDimension),
  pixels: onCpu(pixels, pixelsDimension),
  sift: onCpu(sift, siftDimension),
  rootsift: onCpu(rootSift, rootSiftDimension),
};

/**
 * Opens a descriptor by its name.
 *
 * @throws {DataError} when the model file is wrong; GpuError when there is no adapter
 */
export async function openDescriber(
  name: DescriptorName,
  options: DescriberOptions,
): Promise<Describer> {
  return await describers[name].open(options);
}

function onCpu(
  describe: (patches: Uint8Array, side: number) => Float32Array,
  dimension: number,
): DescriberKind {
  const describer: Describer = {
    dimension,
    describe: (patches, side) => Promise.resolve(describe(patches, side)),
    [Symbol.dispose]() {},
  };
  return { needs: [], open: () => Promise.resolve(describer) };
}

async function openNetwork(
  weights: NetworkState,
  { batchSize, activations = "f32", gpu: open, onNote }: DescriberOptions,
  files: string[] = [],
): Promise<Describer> {
  const gpu = await open();
  const network = namingFiles(
    files,
    () => openDescriptorNetwork(gpu, weights, { batchSize, activations }),
  );
  const isOurs = Object.hasOwn(networks, network.name);
  if (!isOurs) onNote?.(`${files.join()}: the network is ${network.name}`);
  return {
    dimension: descriptorSize,
    describe: (patches, side, onBatch) =>
      network.describe(
        patches,
        side === 64 ? "phototour64" : "hpatches65",
        onBatch,
      ),
    [Symbol.dispose]: () => network[Symbol.dispose](),
  };
}
