/** Tells what was begun last from what was begun before it. */
export class Newest {
  #begun = 0;

  /** @returns whether nothing else was begun since */
  begin(): () => boolean {
    const own = ++this.#begun;
    return () => own === this.#begun;
  }
}
