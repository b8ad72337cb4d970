import type { Homography } from "../images/homography.ts";
import { STRIP_SIDE_PIXELS } from "../patches/hpatches_layout.ts";
import { encodePng } from "../images/png.ts";
import type { SamplingStack } from "../images/sampling_stack.ts";

const PATCH_PIXELS = STRIP_SIDE_PIXELS * STRIP_SIDE_PIXELS;

/** A strip of HPatches' kind in the making: patches of 65 × 65 pixels, one below the other. */
export class PatchStrip {
  readonly #pixels: Uint8Array<ArrayBuffer>;
  readonly #values = new Float32Array(PATCH_PIXELS);
  #count = 0;

  constructor(count: number) {
    this.#pixels = new Uint8Array(count * PATCH_PIXELS);
  }

  /** Appends a region of a picture. */
  add(picture: SamplingStack, region: Homography) {
    picture.sample(region, STRIP_SIDE_PIXELS, STRIP_SIDE_PIXELS, this.#values);
    const start = this.#count++ * PATCH_PIXELS;
    for (let i = 0; i < PATCH_PIXELS; i++) {
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
          patch * PATCH_PIXELS,
          (patch + 1) * PATCH_PIXELS,
        )
      ) {
        sum += value;
        squares += value * value;
      }
      return Math.sqrt(squares / PATCH_PIXELS - (sum / PATCH_PIXELS) ** 2);
    });
  }

  /** Writes the strip as an 8-bit grey PNG. */
  async write(path: string) {
    const height = this.#count * STRIP_SIDE_PIXELS;
    const image = { width: STRIP_SIDE_PIXELS, height, pixels: this.#pixels };
    await Deno.writeFile(path, encodePng(image));
  }
}
