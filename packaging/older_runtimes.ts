/** What `gpu/` uses and some runtimes lack: Safari and Node 22 have no DisposableStack, Safari no Symbol.dispose. */
import "./disposal_symbol.ts";

/** Things to dispose of together, the last one first; the part of the standard's class that this project uses. */
class Stack implements Disposable {
  #owned: Disposable[] = [];

  use<T extends Disposable>(resource: T): T {
    this.#owned.push(resource);
    return resource;
  }

  /** Hands everything to a new stack, which this one then leaves alone. */
  move(): Stack {
    const moved = new Stack();
    moved.#owned = this.#owned;
    this.#owned = [];
    return moved;
  }

  dispose(): void {
    const owned = this.#owned;
    this.#owned = [];
    for (const resource of owned.reverse()) resource[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** A name that modules see as if the runtime had it. */
const lacking = globalThis as { DisposableStack?: unknown };
lacking.DisposableStack ??= Stack;
