import type { Homography } from "../../features/geometry/homography.ts";
import { stripSidePixels } from "../patches/hpatches_layout.ts";
import { encodePng } from "../images/png.ts";
import type { SamplingStack } from "../../features/patches/sampling_stack.ts";

const patchPixels = stripSidePixels * stripSidePixels;

/** A strip of HPatches' kind in the making: patches of 65 × 65 pixels, one below the other. */
export class PatchStrip {
  readonly #pixels: Uint8Array<ArrayBuffer>;
  readonly #values = new Float32Array(patchPixels);
  #count = 0;

  constructor(count: number) {
    this.#pixels = new Uint8Array(count * patchPixels);
  }

  /** Appends a region of a picture. */
  add(picture: SamplingStack, region: Homography) {
    picture.sample(region, stripSidePixels, stripSidePixels, this.#values);
    const start = this.#count++ * patchPixels;
    for (let i = 0; i < patchPixels; i++) {
      this.#pixels[start + i] = this.#values[i] + 0.5;
    }
  }

  /** Standard deviation of each patch in grey values, [patches]. */
  contrasts(): Float32Array {
    return Float32Array.from({ length: this.#count }, (_, patch) => {
      let sum = 0;
      let squares = 0;
      for (
        const value of this.#pixels.subarray(
          patch * patchPixels,
          (patch + 1) * patchPixels,
        )
      ) {
        sum += value;
        squares += value * value;
      }
      return Math.sqrt(squares / patchPixels - (sum / patchPixels) ** 2);
    });
  }

  /** Writes the strip as an 8-bit grey PNG. */
  async write(path: string) {
    const height = this.#count * stripSidePixels;
    const image = { width: stripSidePixels, height, pixels: this.#pixels };
    await Deno.writeFile(path, encodePng(image));
  }
}
