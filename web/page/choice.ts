/** What was chosen for one purpose, and what can be gone back to: the newest that was found to be readable. */
export class Choice<T extends { id: number }> {
  #sound: T | undefined;
  /** those chosen since, of which nothing is known yet */
  #since: T[] = [];

  /** @param first what holds before anything is chosen */
  constructor(first?: T) {
    this.#sound = first;
  }

  get current(): T | undefined {
    return this.#since.at(-1) ?? this.#sound;
  }

  put(value: T): void {
    this.#since.push(value);
  }

  /** The one of that number, as long as it is chosen or may be again. */
  find(id: number): T | undefined {
    return this.#since.find((value) => value.id === id) ??
      (this.#sound?.id === id ? this.#sound : undefined);
  }

  /** Says that the one of that number can be read: those before it are forgotten. */
  confirm(id: number): void {
    const at = this.#since.findIndex((value) => value.id === id);
    if (at === -1) return;
    this.#sound = this.#since[at];
    this.#since = this.#since.slice(at + 1);
  }

  /**
   * Goes back to the newest that can be read.
   *
   * @returns whether that is another one
   */
  takeBack(): boolean {
    const isOther = this.#since.length > 0;
    this.#since = [];
    return isOther;
  }
}
