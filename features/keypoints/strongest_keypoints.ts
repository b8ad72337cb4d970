import type { Keypoint } from "../keypoint.ts";

/** Order of keypoints: the strongest first; equally strong ones from top to bottom, left to right, by scale and by angle. */
export function compareKeypoints(a: Keypoint, b: Keypoint): number {
  return b.response - a.response || a.y - b.y || a.x - b.x ||
    a.sigma - b.sigma || a.angle - b.angle;
}

/**
 * Keeps the strongest of any number of keypoints, however they arrive, in memory for a few times as many as are wanted. Of two that
 * agree in everything one is kept.
 */
export class StrongestKeypoints {
  readonly #most: number;
  readonly #mostHeld: number;
  #held: Keypoint[] = [];
  #least = 0;

  constructor(most: number) {
    this.#most = most;
    this.#mostHeld = 2 * most + 256;
  }

  /** A keypoint that answers less than this is not among the strongest. */
  get leastResponse(): number {
    return this.#least;
  }

  add(keypoint: Keypoint) {
    this.#held.push(keypoint);
    if (this.#held.length >= this.#mostHeld) this.#prune();
  }

  /** The strongest keypoints, strongest first. */
  take(): Keypoint[] {
    this.#prune();
    return this.#held;
  }

  #prune() {
    const sorted = this.#held.sort(compareKeypoints);
    this.#held = sorted.filter((keypoint, i) =>
      i === 0 || compareKeypoints(sorted[i - 1], keypoint) !== 0
    ).slice(0, this.#most);
    if (this.#held.length === this.#most) {
      this.#least = this.#held[this.#most - 1].response;
    }
  }
}
