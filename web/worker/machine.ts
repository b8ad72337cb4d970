import type { GreyImage } from "../../data/images/grey_image.ts";
import type { NetworkState } from "../../gpu/mod.ts";

/** What a worker's tasks leave to its browser: decoding and the GPU. */
export interface Machine {
  /** Reads a photograph as grey. */
  readPhotograph(file: Blob, name: string): Promise<GreyImage>;

  /** The grey values at a size to look at. */
  pictureToLookAt(image: GreyImage): Promise<ImageBitmap>;

  /** @param onAdapter told what the network runs on, each time that a device is opened */
  openDescriber(
    state: NetworkState,
    onAdapter: (name: string) => void,
  ): NetworkDescriber;
}

/** A network that describes patches. */
export interface NetworkDescriber {
  /** Descriptors f32 [count, 128] of patches u8 [count, 64, 64]. */
  describe(patches: Uint8Array): Promise<Float32Array>;

  /** Frees the GPU. */
  close(): void;
}
