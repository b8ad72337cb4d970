/** Most steps that are handed to the GPU before one is waited for: the patches of each wait in memory. */
const mostSteps = 8;

/**
 * Most bytes of patches that wait so. Vulkan drivers put them where the card sees the processor's writes, of which many cards have
 * 214 or 256 MiB for everything.
 */
const mostBytes = 96 * 2 ** 20;

/** No further step is handed over when the GPU is behind by this: what it was given cannot be taken back. */
const longestBacklogMs = 1_000;

/**
 * Says how many training steps to hand to the GPU before waiting for them. Waiting leaves the GPU without work for a moment, which counts
 * when steps are short; not waiting makes the user wait, when steps are long, who wants to stop or to see how far they are.
 *
 * How long a wait took tells how far the GPU fell behind. An adapter that does a step while it is handed over, as the software one does,
 * never falls behind. The loss does not depend on any of this.
 */
export class StepsAhead {
  readonly #nowMs: () => number;
  #most = 1;
  #handedOver = 0;
  #mostOfSize = 1;

  /** @param nowMs a monotonic clock */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Counts a step that was handed over with so many bytes of patches, as the next one will have. */
  count(patchBytes: number): void {
    this.#handedOver++;
    this.#mostOfSize = stepsThatFit(patchBytes);
  }

  /** Whether it is time to wait. */
  get isEnough(): boolean {
    return this.#handedOver >= Math.min(this.#most, this.#mostOfSize);
  }

  /** Does what waits for all steps that were counted, of which there is one at least. */
  async wait<T>(read: () => Promise<T>): Promise<T> {
    const startMs = this.#nowMs();
    const result = await read();
    const backlogMs = (this.#nowMs() - startMs) / this.#handedOver;
    const most = Math.ceil(longestBacklogMs / backlogMs);
    this.#most = Math.min(mostSteps, Math.max(1, most));
    this.#handedOver = 0;
    return result;
  }
}

/** How many steps with so many bytes of patches may wait in memory; one at least. */
export function stepsThatFit(patchBytes: number): number {
  return Math.max(1, Math.floor(mostBytes / patchBytes));
}
