import {
  applyTo,
  compose,
  type Homography,
  invert,
  localScale,
  translation,
} from "../../features/geometry/homography.ts";
import type { SamplingStack } from "../../features/patches/sampling_stack.ts";
import type { RandomStream } from "../random.ts";

/** The other surface begins so far from a keypoint, at least and at most, in half sides of its region. */
const leastOffset = 0.1;
const mostOffset = 0.9;
/** How much the edge bends, at most: the reciprocal of its radius in half sides. */
const mostBend = 0.8;
/** How far the surfaces move against each other from the first view to another, at most, in half sides. */
const mostParallax = 1.5;
const parallaxAttempts = 10;

/**
 * An edge in a keypoint's surroundings, beyond which lies another surface, nearer to the camera or farther away, that shows another
 * place of the photograph. In the keypoint's frame, where its region is [−1, 1]², that is where
 * `n·q − offset + bend·(t·q)²/2 > 0` for a normal n and a tangent t. From view to view the other surface moves against the
 * keypoint's own; the edge belongs to the nearer one, and goes with it.
 */
export class DepthEdge {
  readonly #region: Homography;
  readonly #toFrame: Homography;
  readonly #normal: { x: number; y: number };
  readonly #offset: number;
  readonly #bend: number;
  readonly #isNearer: boolean;
  /** From the keypoint's surroundings to the place that the other surface shows, in pixels. */
  readonly #away: { x: number; y: number };
  #otherValues = new Float32Array(0);

  /** Draws the edge of a region of the photograph; random through the stream alone. */
  constructor(
    region: Homography,
    photograph: { width: number; height: number },
    stream: RandomStream,
  ) {
    this.#region = region;
    this.#toFrame = invert(region);
    const direction = stream.uniform(0, 2 * Math.PI);
    this.#normal = { x: Math.cos(direction), y: Math.sin(direction) };
    this.#offset = stream.uniform(leastOffset, mostOffset);
    this.#bend = stream.uniform(-mostBend, mostBend);
    this.#isNearer = stream.chance(0.5);
    const here = applyTo(region, 0, 0);
    // As far from the border as keeps a region's corners inside, wherever it is turned and moves.
    const room = (Math.SQRT2 + mostParallax) * localScale(region, 0, 0);
    this.#away = {
      x: placeWithin(photograph.width, room, stream) - here.x,
      y: placeWithin(photograph.height, room, stream) - here.y,
    };
  }

  /**
   * Puts the other surface over a view of the region.
   *
   * @param seen the view's region, from [−1, 1]² to pixels
   * @param values the view of the photograph, f32 [side, side]; overwritten where the other surface is
   * @param softness with which the values were sampled
   * @param stream undefined for the first view, which the others have moved against
   */
  cover(
    photograph: SamplingStack,
    seen: Homography,
    side: number,
    softness: number,
    values: Float32Array,
    stream?: RandomStream,
  ): void {
    const parallax = stream === undefined
      ? { x: 0, y: 0 }
      : this.#drawParallax(stream);
    const edge = this.#isNearer ? parallax : { x: 0, y: 0 };
    const toFrame = compose(this.#toFrame, seen);
    const pixelSide = 2 / side * localScale(toFrame, 0, 0) * softness;
    if (this.#otherValues.length !== values.length) {
      this.#otherValues = new Float32Array(values.length);
    }
    const other = this.#otherValues;
    const moved = applyTo(this.#region, -parallax.x, -parallax.y);
    const here = applyTo(this.#region, 0, 0);
    const shown = compose(
      translation(
        this.#away.x + moved.x - here.x,
        this.#away.y + moved.y - here.y,
      ),
      seen,
    );
    photograph.sample(shown, side, side, other, softness);
    for (let row = 0, at = 0; row < side; row++) {
      const v = (2 * row + 1) / side - 1;
      for (let column = 0; column < side; column++, at++) {
        const u = (2 * column + 1) / side - 1;
        const { x, y } = applyTo(toFrame, u, v);
        const beyond = this.#distance(x - edge.x, y - edge.y);
        const share = Math.min(1, Math.max(0, 0.5 + beyond / pixelSide));
        values[at] += share * (other[at] - values[at]);
      }
    }
  }

  /** About how far beyond the edge a place of the keypoint's frame is. */
  #distance(x: number, y: number): number {
    const { x: cos, y: sin } = this.#normal;
    const along = y * cos - x * sin;
    return x * cos + y * sin - this.#offset + this.#bend * along * along / 2;
  }

  /** How far the other surface moves in the keypoint's frame, which leaves the keypoint itself uncovered. */
  #drawParallax(stream: RandomStream): { x: number; y: number } {
    for (let attempt = 0; attempt < parallaxAttempts; attempt++) {
      const length = stream.uniform(0, mostParallax);
      const direction = stream.uniform(0, 2 * Math.PI);
      const x = length * Math.cos(direction);
      const y = length * Math.sin(direction);
      if (!this.#isNearer || this.#distance(-x, -y) <= -leastOffset) {
        return { x, y };
      }
    }
    return { x: 0, y: 0 };
  }
}

function placeWithin(
  size: number,
  room: number,
  stream: RandomStream,
): number {
  const middle = (size - 1) / 2;
  const reach = Math.max(0, middle - room);
  return middle + stream.uniform(-reach, reach);
}
