import type { ActivationType } from "../activation.ts";
import { compileAhead } from "../compiling/compile_ahead.ts";
import type { Gpu } from "../device.ts";
import { samplesPerBlock } from "../labelled_descriptors.ts";
import { resizePatch64, resizePatch65 } from "../ops/resize_patch.ts";
import { Recorder } from "../recorder.ts";
import { Arena, type Tensor } from "../tensor.ts";
import { type Architecture, descriptorSize } from "./architecture.ts";
import type { NetworkState } from "./network_state.ts";
import { Network } from "./network.ts";
import { NetworkParameters } from "./parameters.ts";

/** How 8-bit test patches become the network's input. */
export type PatchSource =
  /** 64×64, PIL's antialiased bilinear to 32×32, divided by 255: the PhotoTour sets. */
  | "phototour64"
  /** 65×65, OpenCV's bilinear to 32×32, values 0 … 255: the HPatches release. */
  | "hpatches65";

const sides: Record<PatchSource, number> = { phototour64: 64, hpatches65: 65 };

/** Descriptors [N/32, 128, 32] in blocks of 32 samples → rows [count, 128]. */
export function descriptorRows(
  blocks: Float32Array,
  count: number,
): Float32Array {
  const rows = new Float32Array(count * descriptorSize);
  for (let n = 0; n < count; n++) {
    const lane = n % samplesPerBlock;
    const block = (n - lane) * descriptorSize;
    for (let c = 0; c < descriptorSize; c++) {
      rows[n * descriptorSize + c] = blocks[block + c * samplesPerBlock + lane];
    }
  }
  return rows;
}

/** Bytes as the words a u32 tensor holds, the last one filled up with zeros; a view where alignment allows. */
export function packedWords(bytes: Uint8Array): Uint32Array {
  if (bytes.byteOffset % 4 === 0 && bytes.length % 4 === 0) {
    return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  }
  const words = new Uint32Array(Math.ceil(bytes.length / 4));
  new Uint8Array(words.buffer).set(bytes);
  return words;
}

/** What takes patches to descriptors in inference mode. */
export interface PatchNetwork {
  /** Input: [N, 32, 32], to be filled before `forward`. */
  readonly patches: Tensor;
  /** Output of the last `forward`: [N/32, 128, 32], blocks of 32 samples, component by component. */
  readonly descriptors: Tensor;
  /** Computes descriptors of the first `count` patches, without waiting. */
  forward(recorder: Recorder, count: number, mode: { training: false }): void;
}

/** What {@linkcode describeInBatches} works with. */
export interface Describing {
  network: PatchNetwork;
  recorder: Recorder;
  /** Takes the patches of a batch as they come. */
  bytes: Tensor;
  resize: typeof resizePatch64;
}

/** Called after each batch with how many patches are described; throws to end the work. */
export type OnBatch = (described: number) => void | Promise<void>;

/** Batches that are handed over before the first is waited for: a read-back takes 10 ms in Deno, however fast the GPU is. */
const mostInFlight = 4;

/**
 * Descriptors [count, 128] of 8-bit patches [count, side, side] in inference mode, `batchSize` at a time and several of them
 * in flight.
 *
 * @throws {GpuError} when the device fails
 * @throws what `onBatch` throws
 */
export async function describeInBatches(
  patches: Uint8Array,
  side: number,
  batchSize: number,
  { network, recorder, bytes, resize }: Describing,
  onBatch?: OnBatch,
): Promise<Float32Array> {
  const patchBytes = side * side;
  const count = patches.length / patchBytes;
  const result = new Float32Array(count * descriptorSize);
  const { size, shape: [blocks] } = network.descriptors;
  const inFlight: Promise<void>[] = [];
  let described = 0;
  const finishOne = async () => {
    await inFlight.shift();
    described = Math.min(described + batchSize, count);
    await onBatch?.(described);
  };
  try {
    for (let first = 0; first < count; first += batchSize) {
      if (inFlight.length === mostInFlight) await finishOne();
      const present = Math.min(batchSize, count - first);
      const end = (first + present) * patchBytes;
      bytes.write(packedWords(patches.subarray(first * patchBytes, end)));
      resize(recorder, bytes, network.patches, { count: present });
      network.forward(recorder, present, { training: false });
      const own = Math.ceil(present / samplesPerBlock) * (size / blocks);
      const reading = recorder.submitAndRead(network.descriptors, own)()
        .then((blocks) => {
          const rows = descriptorRows(blocks, present);
          result.set(rows, first * descriptorSize);
        });
      // Whoever waits hears of it; until then it is nobody's surprise.
      reading.catch(() => {});
      inFlight.push(reading);
    }
    while (inFlight.length > 0) await finishOne();
  } finally {
    // Each gives its memory back when it ends, well or not.
    await Promise.allSettled(inFlight);
  }
  return result;
}

/** How a network is opened to describe patches. */
export interface DescribingOptions {
  /** patches that go through the network at once; no result depends on it */
  batchSize: number;
  /** what activations are stored in, 32 bits unless told */
  activations?: ActivationType;
}

/** A network in inference mode: 8-bit patches in, descriptors out. */
export class DescriptorNetwork implements Disposable {
  /** which network it is */
  readonly name: string;
  readonly #networkFor: (source: PatchSource) => PatchNetwork;
  readonly #recorder: Recorder;
  readonly #bytes: Tensor;
  readonly #batchSize: number;
  readonly #owned: DisposableStack;

  /**
   * Describes with any network.
   *
   * @param name which network it is
   * @param networkFor what takes the patches of a source, of `batchSize` samples at least
   * @param batchSize patches that go through the network at once; no result depends on it
   * @param owned what the network consists of, disposed of with it
   * @throws {GpuMemoryError} when the memory budget is too small
   */
  constructor(
    gpu: Gpu,
    name: string,
    networkFor: (source: PatchSource) => PatchNetwork,
    batchSize: number,
    owned: DisposableStack,
  ) {
    using all = new DisposableStack();
    all.use(owned);
    this.name = name;
    this.#networkFor = networkFor;
    this.#batchSize = batchSize;
    this.#recorder = all.use(new Recorder(gpu));
    const words = Math.ceil(batchSize * 65 * 65 / 4);
    this.#bytes = all.use(new Arena(gpu))
      .tensor("patch bytes", [words], { type: "u32" });
    this.#owned = all.move();
  }

  /**
   * Loads a checkpoint's tensors.
   *
   * @param options.batchSize patches that go through the network at once; no result depends on it
   * @param options.activations what activations are stored in, 32 bits unless told; 16 change the last digits of descriptors
   * @throws {GpuError} when they are not a sound network of the architecture, the memory budget is too small, or the adapter cannot
   * store activations so
   */
  static create(
    gpu: Gpu,
    architecture: Architecture,
    weights: NetworkState,
    options: DescribingOptions,
  ): DescriptorNetwork {
    const { batchSize, activations = "f32" } = options;
    using owned = new DisposableStack();
    const parameters = owned.use(new NetworkParameters(gpu, architecture));
    parameters.load(weights);
    const network = owned.use(
      new Network(gpu, parameters, { samples: batchSize, activations }),
    );
    const { name } = architecture;
    const all = owned.move();
    return new DescriptorNetwork(gpu, name, () => network, batchSize, all);
  }

  /**
   * Descriptors of 8-bit patches.
   *
   * @param patches u8 [count, side, side], side 64 or 65 by `source`
   * @returns f32 [count, 128]
   * @throws {GpuError} when the device fails
   */
  async describe(
    patches: Uint8Array,
    source: PatchSource,
    onBatch?: OnBatch,
  ): Promise<Float32Array> {
    const side = sides[source];
    const resize = source === "phototour64" ? resizePatch64 : resizePatch65;
    const [recorder, network] = [this.#recorder, this.#networkFor(source)];
    await compileAhead(
      recorder.gpu,
      recorder.rehearse(() => {
        resize(recorder, this.#bytes, network.patches, { count: 1 });
        network.forward(recorder, 1, { training: false });
      }),
    );
    return await describeInBatches(patches, side, this.#batchSize, {
      network,
      recorder,
      bytes: this.#bytes,
      resize,
    }, onBatch);
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }
}
