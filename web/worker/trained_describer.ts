import {
  type DescriptorNetwork,
  type Gpu,
  type NetworkState,
  openDescriptorNetwork,
  openGpu,
} from "../../gpu/mod.ts";

/** Patches that go through the network at once; phones have little memory. */
export const batchPatches = 256;
/** What an adapter is called: browsers tell less than drivers do. */
export function adapterName({ adapter }: Gpu): string {
  const { description, device, vendor, architecture } = adapter;
  return description || device || `${vendor} ${architecture}`.trim() ||
    "unnamed";
}

/** How long a device may take to say that it was lost, once a command on it has failed. */
const lossWaitMs = 2000;

interface Opened {
  gpu: Gpu;
  network: DescriptorNetwork;
  owned: DisposableStack;
}

/** A network on the GPU, opened when first needed, and again after a device was lost. */
export class TrainedDescriber {
  readonly #state: NetworkState;
  readonly #onAdapter: (name: string) => void;
  #opened: Opened | undefined;

  /** @param onAdapter told what the network runs on, each time that a device is opened */
  constructor(state: NetworkState, onAdapter: (name: string) => void) {
    this.#state = state;
    this.#onAdapter = onAdapter;
  }

  /**
   * Descriptors f32 [count, 128] of patches u8 [count, 64, 64].
   *
   * @throws {GpuError} when there is no adapter, or it fails twice
   */
  async describe(patches: Uint8Array): Promise<Float32Array> {
    const opened = this.#opened ??= await this.#open();
    try {
      return await opened.network.describe(patches, "phototour64");
    } catch (error) {
      if (!await wasLost(opened.gpu.device)) throw error;
      this.#opened = undefined;
    }
    this.#opened = await this.#open();
    return await this.#opened.network.describe(patches, "phototour64");
  }

  /** Frees the GPU; a later call opens it again. */
  close(): void {
    this.#opened?.owned.dispose();
    this.#opened = undefined;
  }

  async #open(): Promise<Opened> {
    using owned = new DisposableStack();
    const gpu = owned.use(await openGpu());
    const network = owned.use(
      openDescriptorNetwork(gpu, this.#state, { batchSize: batchPatches }),
    );
    this.#onAdapter(adapterName(gpu));
    return { gpu, network, owned: owned.move() };
  }
}

async function wasLost(device: GPUDevice): Promise<boolean> {
  const waited = new Promise<boolean>((resolve) =>
    setTimeout(() => resolve(false), lossWaitMs)
  );
  return await Promise.race([device.lost.then(() => true), waited]);
}
