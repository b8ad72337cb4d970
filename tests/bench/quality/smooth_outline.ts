import {
  applyTo,
  type Homography,
  invert,
} from "../../../features/geometry/homography.ts";
import type { RandomStream } from "../../../data/random.ts";

/** cos(x·place.x + y·place.y + phase), in radians and radians a pixel. */
interface Wave {
  x: number;
  y: number;
  phase: number;
}

/** Waves of an outline: the more there are, the more alike are outlines of equal level. */
const wavesDrawn = 16;
/** Bumps and gaps are half a wave wide: 80 to 250 pixels. */
const wavePixels = [160, 500] as const;

/**
 * Blobs and bands with smooth edges: all places where a sum of plane waves of drawn directions is at least so many of its own standard
 * deviations. It is a formula and not a picture, so that it can be asked at any place and moved without a loss.
 */
export class SmoothOutline {
  readonly #waves: readonly Wave[];
  readonly #level: number;

  private constructor(waves: readonly Wave[], level: number) {
    this.#waves = waves;
    this.#level = level;
  }

  /** @param deviations level in standard deviations: 0 fills half of the plane, 0.67 a quarter */
  static draw(deviations: number, stream: RandomStream): SmoothOutline {
    const waves = Array.from({ length: wavesDrawn }, () => {
      const direction = stream.uniform(0, 2 * Math.PI);
      const radians = 2 * Math.PI / stream.uniform(...wavePixels);
      return {
        x: radians * Math.cos(direction),
        y: radians * Math.sin(direction),
        phase: stream.uniform(0, 2 * Math.PI),
      };
    });
    return new SmoothOutline(waves, deviations * Math.sqrt(wavesDrawn / 2));
  }

  /** The same outline where an affine map moves it. */
  moved(map: Homography): SmoothOutline {
    const back = invert(map);
    const origin = applyTo(back, 0, 0);
    const overX = applyTo(back, 1, 0);
    const overY = applyTo(back, 0, 1);
    const waves = this.#waves.map(({ x, y, phase }) => ({
      x: x * (overX.x - origin.x) + y * (overX.y - origin.y),
      y: x * (overY.x - origin.x) + y * (overY.y - origin.y),
      phase: phase + x * origin.x + y * origin.y,
    }));
    return new SmoothOutline(waves, this.#level);
  }

  /** How much of a pixel is inside, 0 … 1: half on the edge, linear over one pixel across it. */
  opacity(placeX: number, placeY: number): number {
    let value = -this.#level, slopeX = 0, slopeY = 0;
    for (const { x, y, phase } of this.#waves) {
      const radians = x * placeX + y * placeY + phase;
      const slope = Math.sin(radians);
      value += Math.cos(radians);
      slopeX -= x * slope;
      slopeY -= y * slope;
    }
    const inside = 0.5 + value / Math.hypot(slopeX, slopeY);
    return Math.min(1, Math.max(0, inside));
  }
}
