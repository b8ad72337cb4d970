/** How long a transfer may take. */
export interface TransferTimes {
  /** until the other side answers, or takes a first byte */
  connectMs: number;
  /** between two pieces */
  idleMs: number;
  /** what has to come or go within some time, again and again */
  leastRate: { sizeBytes: number; withinMs: number };
}

/** Patient with a line that is slow, not with one that would never bring a set to its end: a kibibyte a second at least. */
export const usualTransferTimes: TransferTimes = {
  connectMs: 30_000,
  idleMs: 60_000,
  leastRate: { sizeBytes: 61_440, withinMs: 60_000 },
};

/** Why a transfer is given up. */
export interface Slowness {
  /** in words: `no answer within 30 s` */
  found: string;
  /** whether bytes came, but too few: no reason to ask the same server more often */
  isRate: boolean;
}

/** How often a watch looks, at most. */
const longestTickMs = 1_000;

/**
 * Watches one transfer, and tells once when it is too slow.
 *
 * Time counts in ticks of a timer. While the thread waits for the GPU it cannot read either, the ticks of that time are lost, and so no
 * server is blamed for it.
 */
export class TransferWatch implements Disposable {
  readonly #times: TransferTimes;
  readonly #onSlow: (slowness: Slowness) => void;
  readonly #tickMs: number;
  readonly #timer: ReturnType<typeof setInterval>;
  #hasBegun = false;
  /** since something moved */
  #quietMs = 0;
  /** since the rate was last looked at, and what moved since then */
  #windowMs = 0;
  #windowBytes = 0;

  /** @param onSlow called at most once */
  constructor(times: TransferTimes, onSlow: (slowness: Slowness) => void) {
    const { connectMs, idleMs, leastRate } = times;
    const shortestMs = Math.min(connectMs, idleMs, leastRate.withinMs);
    this.#times = times;
    this.#onSlow = onSlow;
    this.#tickMs = Math.min(longestTickMs, shortestMs / 4);
    this.#timer = setInterval(() => this.#tick(), this.#tickMs);
  }

  /** Told how many bytes came or went; 0 when an answer has begun. */
  moved(sizeBytes: number): void {
    this.#hasBegun = true;
    this.#quietMs = 0;
    this.#windowBytes += sizeBytes;
  }

  /** Stops watching. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    this.#quietMs += this.#tickMs;
    this.#windowMs += this.#tickMs;
    const slowness = this.#slowness();
    if (slowness === undefined) return;
    this[Symbol.dispose]();
    this.#onSlow(slowness);
  }

  #slowness(): Slowness | undefined {
    const { connectMs, idleMs, leastRate } = this.#times;
    const quietMs = this.#hasBegun ? idleMs : connectMs;
    if (this.#quietMs >= quietMs) {
      const what = this.#hasBegun ? "nothing more" : "no answer";
      return { found: `${what} within ${quietMs / 1000} s`, isRate: false };
    }
    if (this.#windowMs < leastRate.withinMs) return undefined;
    const movedBytes = this.#windowBytes;
    this.#windowMs = 0;
    this.#windowBytes = 0;
    if (movedBytes >= leastRate.sizeBytes) return undefined;
    return {
      found: `only ${movedBytes} bytes within ${leastRate.withinMs / 1000} s`,
      isRate: true,
    };
  }
}
