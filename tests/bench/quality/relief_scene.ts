import { squareOntoImage } from "../../../data/photographs/camera.ts";
import {
  applyPhotometricChange,
  drawPhotometricChange,
  noChange,
} from "../../../data/photographs/photometric.ts";
import type { RandomStream } from "../../../data/random.ts";
import {
  applyTo,
  compose,
  type Homography,
  homography,
  invert,
  translation,
} from "../../../features/geometry/homography.ts";
import type { GreyPicture } from "../../../features/images/grey_picture.ts";
import type { KeypointFrame } from "../../../features/keypoint.ts";
import {
  patchRegion,
  patchSideSigmas,
} from "../../../features/patches/patch_region.ts";
import { SamplingStack } from "../../../features/patches/sampling_stack.ts";
import { SmoothOutline } from "./smooth_outline.ts";

/** Disparity in the middle of the picture, in pixels, from the back to the front. */
const disparityPixels = [[0, 20], [30, 60], [60, 120]] as const;
/** Levels of the nearer layers' outlines: the middle fills some 40 %, the front 27 %. */
const outlineDeviations = [0.25, 0.6];
/** Bounds of a layer's move beside its disparity. */
const mostVerticalPixels = 1;
const mostSlant = 0.1;
const mostShear = 0.05;

/** Step, in pixels, at which a patch is searched for depth edges. */
const edgeStepPixels = 2;

type Side = "left" | "right";
type Size = { width: number; height: number };

/** What one of the two pictures shows of a layer. */
interface LayerView {
  /** from the picture's pixels to the texture's */
  toTexture: Homography;
  /** undefined at the back, which fills the picture */
  outline: SmoothOutline | undefined;
}

interface Layer {
  texture: SamplingStack;
  /** from the left picture's pixels to the right one's */
  toRight: Homography;
  left: LayerView;
  right: LayerView;
}

/** A picture of a scene, and which layer each pixel shows. */
interface Rendering {
  /** f32 [height, width] */
  values: Float32Array;
  /** u8 [height, width] */
  layers: Uint8Array;
}

/**
 * A scene of three flat layers, one before the other, as two cameras side by side see it: the nearer a layer, the farther its part of the
 * right picture lies to the left. What a layer hides is another part of the layers behind it in each picture.
 */
export class ReliefScene {
  readonly size: Size;
  readonly left: Rendering;
  readonly right: Rendering;
  readonly #layers: readonly Layer[];

  private constructor(size: Size, layers: readonly Layer[]) {
    this.size = size;
    this.#layers = layers;
    this.left = this.#render("left");
    this.right = this.#render("right");
  }

  /**
   * @param textures of the back, the middle and the front, each wider than the picture by the disparity at least; no two of them
   *   the same, so that no layer shows what another shows
   */
  static draw(
    textures: readonly SamplingStack[],
    size: Size,
    stream: RandomStream,
  ): ReliefScene {
    const outlines = [
      undefined,
      ...outlineDeviations.map((level) => SmoothOutline.draw(level, stream)),
    ];
    for (;;) {
      const moves = disparityPixels.map((bounds) =>
        drawMove(bounds, size, stream)
      );
      const places = moves.map((toRight, at) =>
        drawPlace(textures[at], toRight, size, stream)
      );
      if (!isOrdered(moves, size)) continue;
      const layers = moves.flatMap((toRight, at): Layer[] => {
        const toTexture = places[at];
        if (toTexture === undefined) return [];
        return [{
          texture: textures[at],
          toRight,
          left: { toTexture, outline: outlines[at] },
          right: {
            toTexture: compose(toTexture, invert(toRight)),
            outline: outlines[at]?.moved(toRight),
          },
        }];
      });
      if (layers.length === textures.length) {
        return new ReliefScene(size, layers);
      }
    }
  }

  /** Number of the layer that a picture shows at a place, 0 the back; undefined outside of the picture. */
  layerAt(side: Side, x: number, y: number): number | undefined {
    const { width, height } = this.size;
    const [column, row] = [Math.round(x), Math.round(y)];
    if (column < 0 || row < 0 || column >= width || row >= height) return;
    return this[side].layers[row * width + column];
  }

  /** Where the right picture shows what the left one shows at a place; undefined where it is hidden there, or outside. */
  rightPlace(x: number, y: number): { x: number; y: number } | undefined {
    const layer = this.layerAt("left", x, y);
    if (layer === undefined) return;
    const place = applyTo(this.#layers[layer].toRight, x, y);
    if (this.layerAt("right", place.x, place.y) === layer) return place;
  }

  /** Whether the square that a keypoint of the left picture is described by shows more than one layer, here or where it lies in the right one. */
  isAtEdge(keypoint: KeypointFrame): boolean {
    const layer = this.layerAt("left", keypoint.x, keypoint.y)!;
    const region = patchRegion(keypoint);
    const { toRight } = this.#layers[layer];
    const steps = Math.ceil(patchSideSigmas * keypoint.sigma / edgeStepPixels);
    for (let row = 0; row <= steps; row++) {
      for (let column = 0; column <= steps; column++) {
        const { x, y } = applyTo(
          region,
          2 * column / steps - 1,
          2 * row / steps - 1,
        );
        const place = applyTo(toRight, x, y);
        const shown = [
          this.layerAt("left", x, y),
          this.layerAt("right", place.x, place.y),
        ];
        if (shown.some((other) => other !== undefined && other !== layer)) {
          return true;
        }
      }
    }
    return false;
  }

  #render(side: Side): Rendering {
    const { width, height } = this.size;
    const values = new Float32Array(width * height);
    const layers = new Uint8Array(width * height);
    const texels = new Float32Array(width * height);
    this.#layers.forEach(({ texture, [side]: view }, number) => {
      const map = compose(view.toTexture, squareOntoImage(this.size));
      texture.sample(map, width, height, texels);
      for (let at = 0; at < texels.length; at++) {
        const opacity = view.outline === undefined
          ? 1
          : view.outline.opacity(at % width, Math.floor(at / width));
        values[at] += opacity * (texels[at] - values[at]);
        if (opacity >= 0.5) layers[at] = number;
      }
    });
    return { values, layers };
  }
}

/** Two pictures of a scene in 8 bits: the left one as it is, the right one in other light, with noise and blur. */
export function takePictures(
  { size, left, right }: ReliefScene,
  strength: number,
  stream: RandomStream,
): { left: GreyPicture; right: GreyPicture } {
  const { width, height } = size;
  const change = drawPhotometricChange(strength, stream);
  const blurred = new Float32Array(width * height);
  new SamplingStack({ ...size, values: right.values })
    .sample(squareOntoImage(size), width, height, blurred, change.softness);
  const pictures = [
    { values: left.values, change: noChange },
    { values: blurred, change },
  ].map(({ values, change }) => {
    const pixels = new Uint8Array(width * height);
    applyPhotometricChange(values, width, change, stream, pixels);
    return { width, height, pixels };
  });
  return { left: pictures[0], right: pictures[1] };
}

/** How a layer moves from the left picture to the right one: it shifts, and slants about the picture's middle. */
function drawMove(
  disparity: readonly [number, number],
  { width, height }: Size,
  stream: RandomStream,
): Homography {
  const [x, y] = [(width - 1) / 2, (height - 1) / 2];
  const within = (bound: number) => stream.uniform(-bound, bound);
  return compose(
    translation(x - stream.uniform(...disparity), y),
    homography(
      1 + within(mostSlant),
      within(mostShear),
      0,
      0,
      1,
      within(mostVerticalPixels),
      0,
      0,
      1,
    ),
    translation(-x, -y),
  );
}

/** Whether nearer layers have more disparity everywhere in the left picture: at its corners, as the maps are affine. */
function isOrdered(moves: readonly Homography[], size: Size): boolean {
  return corners(size).every(({ x, y }) => {
    const places = moves.map((move) => applyTo(move, x, y).x);
    return places.every((place, at) => at === 0 || place < places[at - 1]);
  });
}

/** A part of the texture that has all that both pictures may show of it; undefined where the texture is too small. */
function drawPlace(
  texture: Size,
  toRight: Homography,
  size: Size,
  stream: RandomStream,
): Homography | undefined {
  const fromRight = invert(toRight);
  const seen = [
    ...corners(size),
    ...corners(size).map(({ x, y }) => applyTo(fromRight, x, y)),
  ];
  const drawShift = (places: readonly number[], side: number) => {
    const low = -Math.min(...places);
    const high = side - 1 - Math.max(...places);
    return low > high ? undefined : stream.uniform(low, high);
  };
  const x = drawShift(seen.map((corner) => corner.x), texture.width);
  const y = drawShift(seen.map((corner) => corner.y), texture.height);
  if (x !== undefined && y !== undefined) return translation(x, y);
}

function corners({ width, height }: Size): { x: number; y: number }[] {
  return [0, width - 1].flatMap((x) => [0, height - 1].map((y) => ({ x, y })));
}
