import type { GreyImage, Orientation } from "../../data/images/grey_image.ts";
import {
  cutPatches,
  detectKeypoints,
  type Keypoint,
} from "../../features/mod.ts";
import { cutSidePixels } from "../../pipeline/descriptors/describe_image.ts";
import { type MethodName, mostKeypoints, type PartTimes } from "../messages.ts";

/** How many patches are described between two looks at what else is wanted. */
const piecePatches = 512;

/** What turns patches u8 [count, 64, 64] into descriptors f32 [count, 128]. */
export type Describe = (
  patches: Uint8Array<ArrayBuffer>,
) => Promise<Float32Array> | Float32Array;

/** Descriptors of the first keypoints, and how long they took. */
interface Described {
  values: Float32Array;
  count: number;
  times: PartTimes;
}

/** A photograph with its keypoints, and with the descriptors of as many of them as were asked for, which further ones are added to. */
export class DescribedPhotograph {
  readonly width: number;
  readonly height: number;
  /** strongest first, at most {@linkcode mostKeypoints} */
  readonly keypoints: Keypoint[];
  /** how its file stores it */
  readonly orientation: Orientation;
  readonly #picture: GreyImage;
  readonly #keypointsMs: number;
  readonly #described = new Map<MethodName, Described>();

  /** Finds the keypoints. */
  constructor(picture: GreyImage) {
    this.#picture = picture;
    this.orientation = picture.orientation ?? 1;
    this.width = picture.width;
    this.height = picture.height;
    const startMs = performance.now();
    this.keypoints = detectKeypoints(picture, { most: mostKeypoints });
    this.#keypointsMs = performance.now() - startMs;
  }

  /** How long keypoints, patches and descriptors of a method took. */
  times(method: MethodName): PartTimes {
    const times = this.#described.get(method)?.times ?? {};
    return { keypoints: this.#keypointsMs, ...times };
  }

  /** The first descriptors of a method, f32 [count, dimension], as far as they are there. */
  descriptors(method: MethodName): Float32Array {
    return this.#described.get(method)?.values ?? new Float32Array();
  }

  /** Whether the first `count` keypoints are described, or all where there are fewer. */
  hasDescribed(method: MethodName, count: number): boolean {
    const described = this.#described.get(method)?.count ?? 0;
    return described >= Math.min(count, this.keypoints.length);
  }

  /** The patch of a keypoint, u8 [64, 64]. */
  patch(number: number): Uint8Array<ArrayBuffer> {
    return this.#cut([this.keypoints[number]]);
  }

  /** Drops the descriptors of a method: another network gives others. */
  forget(method: MethodName): void {
    this.#described.delete(method);
  }

  /**
   * Describes keypoints that are not described yet, up to the first `count`.
   *
   * @param onPiece told how many are described, after each piece; what it throws ends the work, and what is done is kept
   */
  async describe(
    method: MethodName,
    count: number,
    describe: Describe,
    onPiece: (described: number) => Promise<void>,
  ): Promise<void> {
    const wanted = Math.min(count, this.keypoints.length);
    const done = this.#described.get(method) ??
      { values: new Float32Array(), count: 0, times: {} };
    this.#described.set(method, done);
    while (done.count < wanted) {
      const end = Math.min(wanted, done.count + piecePatches);
      const startMs = performance.now();
      const patches = this.#cut(this.keypoints.slice(done.count, end));
      const cutMs = performance.now();
      const values = await describe(patches);
      const endMs = performance.now();
      done.values = joined(done.values, values);
      done.count = end;
      const { patches: cut = 0, network = 0 } = done.times;
      done.times.patches = cut + cutMs - startMs;
      done.times.network = network + endMs - cutMs;
      await onPiece(end);
    }
  }

  #cut(keypoints: readonly Keypoint[]): Uint8Array<ArrayBuffer> {
    return cutPatches(this.#picture, keypoints, { sidePixels: cutSidePixels });
  }
}

function joined(a: Float32Array, b: Float32Array): Float32Array {
  const all = new Float32Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
