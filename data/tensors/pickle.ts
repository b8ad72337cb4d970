import { DataError } from "../errors.ts";
import { PickleReader } from "./pickle_reader.ts";

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

/** The two places where a pickle asks for more than plain values; both decide by a closed list. */
export interface PickleHooks {
  /** The result of calling the named function, or undefined when it may not be called. */
  call(name: string, parameters: PickleValue[]): PickleValue | undefined;
  /** The object that a persistent id stands for, or undefined when it is not understood. */
  load(id: PickleValue): PickleValue | undefined;
}

/** A function or class that the pickle named; it does nothing until REDUCE asks the hook to call it. */
export class PickleGlobal {
  constructor(readonly name: string) {}
}

const MARK = Symbol("mark");
type Slot = PickleValue | typeof MARK;

/**
 * Runs one pickle (protocol 2) as data: no name in it is ever looked up, let alone executed. Opcodes that neither
 * tensors nor plain containers need are refused.
 *
 * @param reader stands at the pickle's first byte, and after its last one at the end
 * @throws DataError for damage, for an opcode outside the list, for a function that the hooks refuse
 */
export function unpickle(
  reader: PickleReader,
  hooks: PickleHooks,
): PickleValue {
  const stack: Slot[] = [];
  const memo = new Map<number, PickleValue>();
  const fail = (found: string, wanted: string) => reader.fault(found, wanted);
  const pop = (): PickleValue => {
    const value = stack.pop();
    if (value === undefined || value === MARK) {
      throw fail("too few values", "a whole pickle");
    }
    return value as PickleValue;
  };
  const popToMark = (): PickleValue[] => {
    const at = stack.lastIndexOf(MARK);
    if (at < 0) throw fail("no mark", "a whole pickle");
    return stack.splice(at).slice(1) as PickleValue[];
  };
  const top = (): PickleValue => {
    const value = pop();
    stack.push(value);
    return value;
  };
  const tuple = (count: number) => {
    const values = Array.from({ length: count }, pop);
    stack.push(values.reverse());
  };
  const setItems = (pairs: PickleValue[]) => {
    const target = top();
    if (!(target instanceof Map) || pairs.length % 2 !== 0) {
      throw fail("items without a dict", "a dict");
    }
    for (let at = 0; at < pairs.length; at += 2) {
      const key = pairs[at];
      if (typeof key === "object" && key !== null) {
        throw fail("a container as a key", "a plain key");
      }
      target.set(key, pairs[at + 1]);
    }
  };
  const append = (values: PickleValue[]) => {
    const target = top();
    if (!Array.isArray(target)) throw fail("items without a list", "a list");
    for (const value of values) target.push(value);
  };
  const recall = (key: number) => {
    const value = memo.get(key);
    if (value === undefined) {
      throw fail(`memo ${key} before it is set`, "a whole pickle");
    }
    stack.push(value);
  };
  const reduce = () => {
    const parameters = pop();
    const callee = pop();
    if (!(callee instanceof PickleGlobal) || !Array.isArray(parameters)) {
      throw fail(
        "a call of something that is no function",
        "a function and its parameters",
      );
    }
    const result = hooks.call(callee.name, parameters);
    if (result === undefined) throw refusal(reader, callee.name);
    stack.push(result);
  };
  const load = () => {
    const result = hooks.load(pop());
    if (result === undefined) {
      throw fail("an unknown persistent id", "a tensor's storage");
    }
    stack.push(result);
  };

  while (true) {
    const opcode = reader.byte();
    switch (opcode) {
      case 0x80: { // PROTO
        const protocol = reader.byte();
        if (protocol !== 2) {
          throw fail(`pickle protocol ${protocol}`, "protocol 2");
        }
        break;
      }
      case 0x2e: { // STOP
        const result = pop();
        if (stack.length > 0) throw fail("values left over", "one value");
        return result;
      }
      case 0x28: // MARK
        stack.push(MARK);
        break;
      case 0x4e: // NONE
        stack.push(null);
        break;
      case 0x88: // NEWTRUE
        stack.push(true);
        break;
      case 0x89: // NEWFALSE
        stack.push(false);
        break;
      case 0x4b: // BININT1
        stack.push(reader.byte());
        break;
      case 0x4d: // BININT2
        stack.push(reader.uint16());
        break;
      case 0x4a: // BININT
        stack.push(reader.int32());
        break;
      case 0x8a: // LONG1
        stack.push(reader.long());
        break;
      case 0x47: // BINFLOAT
        stack.push(reader.float64());
        break;
      case 0x58: // BINUNICODE
      case 0x54: // BINSTRING
        stack.push(reader.text(reader.uint32()));
        break;
      case 0x55: // SHORT_BINSTRING
        stack.push(reader.text(reader.byte()));
        break;
      case 0x7d: // EMPTY_DICT
        stack.push(new Map());
        break;
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        stack.push([]);
        break;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        tuple(opcode - 0x84);
        break;
      case 0x74: // TUPLE
        stack.push(popToMark());
        break;
      case 0x73: { // SETITEM
        const value = pop();
        setItems([pop(), value]);
        break;
      }
      case 0x75: // SETITEMS
        setItems(popToMark());
        break;
      case 0x61: // APPEND
        append([pop()]);
        break;
      case 0x65: // APPENDS
        append(popToMark());
        break;
      case 0x71: // BINPUT
        memo.set(reader.byte(), top());
        break;
      case 0x72: // LONG_BINPUT
        memo.set(reader.uint32(), top());
        break;
      case 0x68: // BINGET
        recall(reader.byte());
        break;
      case 0x6a: // LONG_BINGET
        recall(reader.uint32());
        break;
      case 0x63: // GLOBAL
        stack.push(new PickleGlobal(`${reader.line()}.${reader.line()}`));
        break;
      case 0x52: // REDUCE
        reduce();
        break;
      case 0x51: // BINPERSID
        load();
        break;
      case 0x62: // BUILD: an OrderedDict's own attributes, which say nothing about tensors
        pop();
        if (!(top() instanceof Map)) {
          throw fail("attributes of an object", "plain containers");
        }
        break;
      default:
        throw fail(
          `opcode 0x${opcode.toString(16)}`,
          "an opcode that tensors and containers need",
        );
    }
  }
}

function refusal(reader: PickleReader, name: string): DataError {
  return new DataError({
    attempt: "read the checkpoint",
    where: reader.where,
    found: `a call of ${JSON.stringify(name)}`,
    wanted: "tensors and plain containers and nothing else",
    remedy: "nothing was executed; do not trust this file",
  });
}
