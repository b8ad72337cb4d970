import type { PickleReader } from "./pickle_reader.ts";

/** What a pickle may become here: plain values and containers, and what the caller's two hooks return. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | object;

/** A function or class that the pickle named; it does nothing until REDUCE asks the hook to call it. */
export class PickleGlobal {
  constructor(readonly name: string) {}
}

/** Something that is passed over: what would have made it was not executed, and what it holds was not kept. */
export class PickleObject {
  /** @param name of the function or class that would have made it */
  constructor(readonly name: string) {}
}

/** The two places where a pickle asks for more than plain values. */
export interface PickleHooks {
  /** What stands for the result of calling the named function, or undefined when the file is to be refused for it. */
  call(name: string, parameters: PickleValue[]): PickleValue | undefined;
  /** The object that a persistent id stands for, or undefined when it is not understood. */
  load(id: PickleValue): PickleValue | undefined;
}

/**
 * Most containers and objects of one pickle: some hundred bytes of memory each, and one byte of the file. A network with its
 * optimizer's state has a few thousand.
 */
const mostObjects = 500_000;
/** Most values of one pickle, of eight bytes each. */
const mostValues = 8_000_000;

const markOnStack = Symbol("mark");

/** The stack and the memo that a pickle works on. Both are bounded, whatever the file says. */
export class PickleStack {
  readonly #reader: PickleReader;
  readonly #slots: (PickleValue | typeof markOnStack)[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #values = 0;
  #objects = 0;

  constructor(reader: PickleReader) {
    this.#reader = reader;
  }

  /** How many values there are, marks included. */
  get depth(): number {
    return this.#slots.length;
  }

  push(value: PickleValue): void {
    if (++this.#values > mostValues) throw this.#tooMany("values", mostValues);
    if (typeof value === "object" && value !== null) {
      if (++this.#objects > mostObjects) {
        throw this.#tooMany("containers and objects", mostObjects);
      }
    }
    this.#slots.push(value);
  }

  mark(): void {
    if (++this.#values > mostValues) throw this.#tooMany("marks", mostValues);
    this.#slots.push(markOnStack);
  }

  pop(): PickleValue {
    const value = this.#slots.pop();
    if (value === undefined || value === markOnStack) {
      throw this.#reader.fault("too few values", "a whole pickle");
    }
    return value as PickleValue;
  }

  /** The values above the last mark, which goes with them. */
  popToMark(): PickleValue[] {
    const at = this.#slots.lastIndexOf(markOnStack);
    if (at < 0) throw this.#reader.fault("no mark", "a whole pickle");
    const values = this.#slots.splice(at);
    values.shift();
    return values as PickleValue[];
  }

  /** The value on top, which stays. */
  top(): PickleValue {
    const value = this.pop();
    this.#slots.push(value);
    return value;
  }

  /** Remembers the value on top, under the next free number unless one is given. */
  memoize(key = this.#memo.size): void {
    this.#memo.set(key, this.top());
  }

  recall(key: number): void {
    const value = this.#memo.get(key);
    if (value === undefined) {
      throw this.#reader.fault(
        `memo ${key} before it is set`,
        "a whole pickle",
      );
    }
    if (++this.#values > mostValues) throw this.#tooMany("values", mostValues);
    this.#slots.push(value);
  }

  #tooMany(what: string, most: number) {
    return this.#reader.refusal(
      `more than ${most} ${what}`,
      "no more than a network needs",
      "save the network's weights alone",
    );
  }
}
