/** Lets one task at a time pass under each name, in the order in which they asked. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /**
   * Waits for its turn under `name`; disposing the result lets the next one pass.
   *
   * @throws the signal's reason when it is aborted while waiting
   */
  async take(name: string, signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    const before = this.#last.get(name) ?? Promise.resolve();
    const mine = Promise.withResolvers<void>();
    this.#last.set(name, mine.promise);
    const aborted = Promise.withResolvers<never>();
    const stop = () => aborted.reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    try {
      await Promise.race([before, aborted.promise]);
    } catch (error) {
      before.then(mine.resolve); // whoever waits behind this one must still wait for those before it
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
    return { [Symbol.dispose]: mine.resolve };
  }
}
