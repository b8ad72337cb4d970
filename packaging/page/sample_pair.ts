import { decode, encode } from "jpeg-js";
import {
  applyPhotometricChange,
  drawPhotometricChange,
} from "../../data/photographs/photometric.ts";
import { drawViewpoint } from "../../data/photographs/target_images.ts";
import { RandomStream } from "../../data/random.ts";
import {
  applyTo,
  compose,
  type Homography,
  invert,
  scaling,
  translation,
} from "../../features/geometry/homography.ts";
import { SamplingStack } from "../../features/patches/sampling_stack.ts";

/** The bundled photograph that the pair is made of; no network of the bundled ones was trained on it. */
export const sampleName = "nagasaki-boats";

const seed = 18;
/** Of the five viewpoints of a test sequence: tilted by 20°. */
const viewpoint = 2;
const lightStrength = 0.8;
const jpegQuality = 90;
const zoomStep = 1.01;

/**
 * The photograph from another viewpoint and in another light, as JPEG: a pure function of its bytes. It is enlarged until it shows nothing
 * that lies outside the photograph.
 *
 * @param bytes a JPEG in colour
 */
export function otherView(bytes: Uint8Array): Uint8Array {
  const { width, height, data } = decode(bytes, {
    useTArray: true,
    formatAsRGBA: true,
  });
  const stream = new RandomStream(seed, "sample pair");
  const toPhotograph = invert(
    enlarged(drawViewpoint(width, height, viewpoint, stream), width, height),
  );
  const change = drawPhotometricChange(lightStrength, stream);
  // (i, j) of the result is the photograph at map((2i+1)/width − 1, …).
  const pixelsOfSquare = compose(
    translation((width - 1) / 2, (height - 1) / 2),
    scaling(width / 2, height / 2),
  );
  const map = compose(toPhotograph, pixelsOfSquare);
  const seen = new Uint8Array(data.length).fill(255);
  for (let channel = 0; channel < 3; channel++) {
    const values = Float32Array.from(
      { length: width * height },
      (_, pixel) => data[4 * pixel + channel],
    );
    const view = new Float32Array(values.length);
    new SamplingStack({ width, height, values })
      .sample(map, width, height, view);
    const pixels = new Uint8Array(values.length);
    // The noise of a camera is not that of another channel's.
    const noise = new RandomStream(seed, "sample pair noise", channel);
    applyPhotometricChange(view, width, change, noise, pixels);
    pixels.forEach((value, pixel) => seen[4 * pixel + channel] = value);
  }
  return encode({ width, height, data: seen }, jpegQuality).data;
}

/** The map followed by the smallest enlargement, in steps of 1 %, after which all of the picture comes from the photograph. */
function enlarged(
  fromPhotograph: Homography,
  width: number,
  height: number,
): Homography {
  const [x, y] = [(width - 1) / 2, (height - 1) / 2];
  for (let zoom = 1;; zoom *= zoomStep) {
    const map = compose(
      translation(x, y),
      scaling(zoom),
      translation(-x, -y),
      fromPhotograph,
    );
    const back = invert(map);
    const isInside = [[0, 0], [1, 0], [1, 1], [0, 1]].every(([u, v]) => {
      const place = applyTo(back, u * (width - 1), v * (height - 1));
      return place.x >= 0 && place.y >= 0 && place.x <= width - 1 &&
        place.y <= height - 1;
    });
    if (isInside) return map;
  }
}
