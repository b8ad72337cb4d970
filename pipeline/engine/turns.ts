interface Waiting {
  rank: number;
  enter(): void;
}

/** Lets one task at a time pass under each name; of those that wait the one of the lowest rank goes first. */
export class Turns {
  /** those that wait, by name; a name is here while somebody has the turn */
  readonly #queues = new Map<string, Waiting[]>();

  /**
   * Waits for its turn under `name`; disposing the result lets the next one pass.
   *
   * @throws the signal's reason when it is aborted while waiting
   */
  async take(
    name: string,
    rank: number,
    signal: AbortSignal,
  ): Promise<Disposable> {
    signal.throwIfAborted();
    const queue = this.#queues.get(name);
    if (queue === undefined) this.#queues.set(name, []);
    else await waitIn(queue, rank, signal);
    return { [Symbol.dispose]: () => this.#pass(name) };
  }

  #pass(name: string): void {
    const next = this.#queues.get(name)?.shift();
    if (next === undefined) this.#queues.delete(name);
    else next.enter();
  }
}

function waitIn(
  queue: Waiting[],
  rank: number,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      queue.splice(queue.indexOf(waiting), 1);
      reject(signal.reason);
    };
    const waiting: Waiting = {
      rank,
      enter() {
        signal.removeEventListener("abort", leave);
        resolve();
      },
    };
    signal.addEventListener("abort", leave, { once: true });
    queue.push(waiting);
    queue.sort((a, b) => a.rank - b.rank);
  });
}
