import { readTextNumber, unknownOpcode } from "./pickle_opcodes.ts";
import type { PickleReader } from "./pickle_reader.ts";
import {
  PickleGlobal,
  type PickleHooks,
  PickleObject,
  PickleStack,
  type PickleValue,
} from "./pickle_stack.ts";

const lastProtocol = 5;

/**
 * Runs one pickle (protocol 1 to 5) as data: no name in it is ever looked up, let alone executed. What is neither a tensor nor a plain
 * container becomes a {@linkcode PickleObject} that keeps nothing of it.
 *
 * @param reader stands at the pickle's first byte, and after its last one at the end
 * @throws {DataError} for damage, for an unknown opcode, for a function that the hooks refuse, for more than a network needs
 */
export function unpickle(
  reader: PickleReader,
  hooks: PickleHooks,
): PickleValue {
  return new Unpickler(reader, hooks).run();
}

class Unpickler {
  readonly #reader: PickleReader;
  readonly #hooks: PickleHooks;
  readonly #stack: PickleStack;

  constructor(reader: PickleReader, hooks: PickleHooks) {
    this.#reader = reader;
    this.#hooks = hooks;
    this.#stack = new PickleStack(reader);
  }

  run(): PickleValue {
    for (;;) {
      const opcode = this.#reader.byte();
      if (opcode === 0x2e) break; // STOP
      const isKnown = this.#plain(opcode) || this.#container(opcode) ||
        this.#object(opcode);
      if (!isKnown) throw unknownOpcode(opcode, this.#reader);
    }
    const result = this.#stack.pop();
    if (this.#stack.depth > 0) {
      throw this.#reader.fault("values left over", "one value");
    }
    return result;
  }

  /** Plain values, the memo, and the stack's own opcodes. */
  #plain(opcode: number): boolean {
    const reader = this.#reader;
    const stack = this.#stack;
    switch (opcode) {
      case 0x80: { // PROTO
        const protocol = reader.byte();
        if (protocol < 2 || protocol > lastProtocol) {
          throw reader.fault(`pickle protocol ${protocol}`, "protocol 1 to 5");
        }
        return true;
      }
      case 0x95: // FRAME: a hint for reading ahead
        reader.bytes(8);
        return true;
      case 0x28: // MARK
        stack.mark();
        return true;
      case 0x30: // POP
        stack.pop();
        return true;
      case 0x31: // POP_MARK
        stack.popToMark();
        return true;
      case 0x32: // DUP
        stack.push(stack.top());
        return true;
      case 0x4e: // NONE
        stack.push(null);
        return true;
      case 0x88: // NEWTRUE
      case 0x89: // NEWFALSE
        stack.push(opcode === 0x88);
        return true;
      case 0x4b: // BININT1
        stack.push(reader.byte());
        return true;
      case 0x4d: // BININT2
        stack.push(reader.uint16());
        return true;
      case 0x4a: // BININT
        stack.push(reader.int32());
        return true;
      case 0x49: // INT
      case 0x4c: // LONG
      case 0x46: // FLOAT
        stack.push(readTextNumber(opcode, reader));
        return true;
      case 0x8a: // LONG1
        stack.push(reader.long(reader.byte()));
        return true;
      case 0x8b: // LONG4
        stack.push(reader.long(reader.uint32()));
        return true;
      case 0x47: // BINFLOAT
        stack.push(reader.float64());
        return true;
      case 0x58: // BINUNICODE
      case 0x54: // BINSTRING
        stack.push(reader.text(reader.uint32()));
        return true;
      case 0x55: // SHORT_BINSTRING
      case 0x8c: // SHORT_BINUNICODE
        stack.push(reader.text(reader.byte()));
        return true;
      case 0x8d: // BINUNICODE8
        stack.push(reader.text(reader.length64()));
        return true;
      case 0x43: // SHORT_BINBYTES
        return this.#bytes(reader.byte());
      case 0x42: // BINBYTES
        return this.#bytes(reader.uint32());
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        return this.#bytes(reader.length64());
      case 0x71: // BINPUT
        stack.memoize(reader.byte());
        return true;
      case 0x72: // LONG_BINPUT
        stack.memoize(reader.uint32());
        return true;
      case 0x94: // MEMOIZE
        stack.memoize();
        return true;
      case 0x68: // BINGET
        stack.recall(reader.byte());
        return true;
      case 0x6a: // LONG_BINGET
        stack.recall(reader.uint32());
        return true;
      default:
        return false;
    }
  }

  #container(opcode: number): boolean {
    const stack = this.#stack;
    switch (opcode) {
      case 0x7d: // EMPTY_DICT
        stack.push(new Map());
        return true;
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        stack.push([]);
        return true;
      case 0x8f: // EMPTY_SET
        stack.push(new PickleObject("builtins.set"));
        return true;
      case 0x91: // FROZENSET
        stack.popToMark();
        stack.push(new PickleObject("builtins.frozenset"));
        return true;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: { // TUPLE3
        const values = Array.from(
          { length: opcode - 0x84 },
          () => stack.pop(),
        );
        stack.push(values.reverse());
        return true;
      }
      case 0x74: // TUPLE
        stack.push(stack.popToMark());
        return true;
      case 0x73: { // SETITEM
        const value = stack.pop();
        this.#setItems([stack.pop(), value]);
        return true;
      }
      case 0x75: // SETITEMS
        this.#setItems(stack.popToMark());
        return true;
      case 0x61: // APPEND
        this.#append([stack.pop()]);
        return true;
      case 0x65: // APPENDS
      case 0x90: // ADDITEMS
        this.#append(stack.popToMark());
        return true;
      default:
        return false;
    }
  }

  /** What names functions and classes. */
  #object(opcode: number): boolean {
    const reader = this.#reader;
    const stack = this.#stack;
    switch (opcode) {
      case 0x63: // GLOBAL
        stack.push(new PickleGlobal(`${reader.line()}.${reader.line()}`));
        return true;
      case 0x93: { // STACK_GLOBAL
        const name = stack.pop();
        const module = stack.pop();
        if (typeof name !== "string" || typeof module !== "string") {
          throw reader.fault("a name that is no text", "a function's name");
        }
        stack.push(new PickleGlobal(`${module}.${name}`.slice(0, 512)));
        return true;
      }
      case 0x52: // REDUCE
      case 0x81: // NEWOBJ
      case 0x92: { // NEWOBJ_EX: with parameters by name, which no tensor has
        if (opcode === 0x92) stack.pop();
        const parameters = stack.pop();
        this.#call(stack.pop(), parameters);
        return true;
      }
      case 0x69: { // INST
        const callee = new PickleGlobal(`${reader.line()}.${reader.line()}`);
        this.#call(callee, stack.popToMark());
        return true;
      }
      case 0x6f: { // OBJ
        const [callee = null, ...parameters] = stack.popToMark();
        this.#call(callee, parameters);
        return true;
      }
      case 0x51: { // BINPERSID
        const result = this.#hooks.load(stack.pop());
        if (result === undefined) {
          throw reader.fault("an unknown persistent id", "a tensor's storage");
        }
        stack.push(result);
        return true;
      }
      case 0x62: // BUILD: attributes, which say nothing about a tensor's values
        stack.pop();
        stack.top();
        return true;
      default:
        return false;
    }
  }

  #call(callee: PickleValue, parameters: PickleValue): void {
    if (callee instanceof PickleObject) {
      // What a function made that was passed over is called: passed over as well.
      this.#stack.push(new PickleObject(callee.name));
      return;
    }
    if (!(callee instanceof PickleGlobal) || !Array.isArray(parameters)) {
      throw this.#reader.fault(
        "a call of something that is no function",
        "a function and its parameters",
      );
    }
    const result = this.#hooks.call(callee.name, parameters);
    if (result === undefined) {
      throw this.#reader.refusal(
        `a call of ${JSON.stringify(callee.name)}`,
        "tensors and plain containers and nothing else",
        "nothing was executed; do not trust this file",
      );
    }
    this.#stack.push(result);
  }

  #setItems(pairs: PickleValue[]): void {
    const target = this.#stack.top();
    const isPassedOver = target instanceof PickleObject;
    if (!(target instanceof Map || isPassedOver) || pairs.length % 2 !== 0) {
      throw this.#reader.fault("items without a dict", "a dict");
    }
    if (!(target instanceof Map)) return;
    for (let at = 0; at < pairs.length; at += 2) {
      target.set(pairs[at], pairs[at + 1]);
    }
  }

  #append(values: PickleValue[]): void {
    const target = this.#stack.top();
    if (target instanceof PickleObject) return;
    if (!Array.isArray(target)) {
      throw this.#reader.fault("items without a list", "a list");
    }
    for (const value of values) target.push(value);
  }

  #bytes(length: number): true {
    this.#reader.bytes(length);
    this.#stack.push(new PickleObject("builtins.bytes"));
    return true;
  }
}
