import { DataError } from "../errors.ts";
import {
  PickleGlobal,
  type PickleHooks,
  PickleObject,
  type PickleValue,
} from "./pickle_stack.ts";
import type { TensorData } from "./tensor_data.ts";
import {
  dtypeOfStorage,
  otherStorageBytes,
  TorchStorage,
  TorchStorageView,
  TorchTensor,
} from "./torch_tensor.ts";

/** Most axes of a tensor, as in PyTorch itself; a shape costs time in proportion to them wherever it is used again. */
const mostAxes = 64;

/**
 * What no saved network calls and what attacks do: to run programs, or text as code. Nothing is ever executed; a file that asks for
 * these is refused because it cannot be what it pretends to be.
 */
const suspicious =
  /^((os|posix|nt|subprocess|sys|runpy|shutil|importlib|ctypes|pty|socket|webbrowser|marshal|code|codeop|commands|popen2|pip|asyncio|multiprocessing|requests|urllib\d?|http|ftplib|timeit|cProfile|pdb|bdb|pydoc|platform)\..*|(builtins|__builtin__)\.(eval|exec|execfile|compile|__import__|open|input|breakpoint|apply))$/;

/** Builds storages, tensors and dictionaries while a pickle is read; everything else is passed over. */
export class TorchObjects implements PickleHooks {
  readonly #storages = new Map<string, TorchStorage>();
  readonly #passedOver = new Map<string, number>();
  readonly #contents = new Map<TorchStorage, Uint8Array>();
  readonly #where: string;

  /** @param where what to call the file in an error */
  constructor(where: string) {
    this.#where = where;
  }

  /** The storages whose elements can be read. */
  get all(): Iterable<TorchStorage> {
    return this.#storages.values();
  }

  /** The storage of that key. */
  get(key: string): TorchStorage | undefined {
    return this.#storages.get(key);
  }

  /** Bytes of an element of a storage that is passed over; undefined when none has that key. */
  passedOverElementBytes(key: string): number | undefined {
    return this.#passedOver.get(key);
  }

  call(name: string, parameters: PickleValue[]): PickleValue | undefined {
    switch (name) {
      case "collections.OrderedDict":
      case "collections.defaultdict":
      case "collections.Counter":
      case "builtins.dict":
      case "__builtin__.dict":
        return dictOf(parameters);
      case "torch._utils._rebuild_tensor":
      case "torch._utils._rebuild_tensor_v2":
        return this.#rebuildTensor(parameters);
      case "torch._utils._rebuild_parameter":
      case "torch._utils._rebuild_parameter_with_state":
        return parameters[0] ?? null;
      case "torch._tensor._rebuild_from_type":
      case "torch._tensor._rebuild_from_type_v2": {
        const [make, , given] = parameters;
        return make instanceof PickleGlobal && Array.isArray(given)
          ? this.call(make.name, given)
          : new PickleObject(name);
      }
      case "torch.Size":
        return Array.isArray(parameters[0])
          ? parameters[0]
          : new PickleObject(name);
      case "copy_reg._reconstructor":
      case "copyreg._reconstructor": {
        const [made] = parameters;
        return made instanceof PickleGlobal
          ? this.call(made.name, [])
          : new PickleObject(name);
      }
      default:
        return suspicious.test(name) ? undefined : new PickleObject(name);
    }
  }

  load(id: PickleValue): PickleValue | undefined {
    if (!Array.isArray(id)) return undefined;
    if (id[0] === "module" && id[1] instanceof PickleGlobal) return id[1];
    const [kind, type, key, , count, view = null] = id;
    if (
      kind !== "storage" || !(type instanceof PickleGlobal) ||
      typeof key !== "string" || !isCount(count)
    ) return undefined;
    if (!Object.hasOwn(dtypeOfStorage, type.name)) {
      if (Object.hasOwn(otherStorageBytes, type.name)) {
        this.#passedOver.set(key, otherStorageBytes[type.name]);
      }
      return new PickleObject(type.name);
    }
    const dtype = dtypeOfStorage[type.name];
    const known = this.#storages.get(key);
    if (known && (known.dtype !== dtype || known.count !== count)) {
      return undefined;
    }
    const storage = known ?? new TorchStorage(key, dtype, count);
    this.#storages.set(key, storage);
    if (view === null) return new TorchStorageView(storage, 0, count);
    const [, start, length] = Array.isArray(view) ? view : [];
    return isCount(start) && isCount(length) && start + length <= count
      ? new TorchStorageView(storage, start, length)
      : undefined;
  }

  /**
   * Tells the bytes of a storage.
   * @throws {DataError} when they are not as many as the pickle says
   */
  fill(storage: TorchStorage, content: Uint8Array): void {
    if (content.byteLength !== storage.sizeBytes) {
      const found = `${content.byteLength} bytes in storage ${
        quote(storage.key)
      }`;
      throw torchFault(this.#where, found, `${storage.sizeBytes} bytes`);
    }
    this.#contents.set(storage, content);
  }

  /** A tensor's values. @throws {DataError} when the bytes of its storage are not there */
  materialize(tensor: TorchTensor): TensorData {
    const content = this.#contents.get(tensor.storage);
    if (!content) {
      throw torchFault(
        this.#where,
        `no storage ${quote(tensor.storage.key)}`,
        "its bytes",
      );
    }
    return tensor.materialize(content);
  }

  #rebuildTensor(parameters: PickleValue[]): PickleValue {
    const [view, offset, shape, strides, , , metadata = null] = parameters;
    if (view instanceof PickleObject) {
      return new PickleObject(`torch.Tensor on ${view.name}`);
    }
    if (
      view instanceof TorchStorageView && isCount(offset) && isCounts(shape) &&
      isCounts(strides) &&
      shape.length === strides.length && shape.length <= mostAxes
    ) {
      const isNegated = metadata instanceof Map && metadata.get("neg") === true;
      const tensor = new TorchTensor(view, offset, shape, strides, isNegated);
      if (tensor.isWithinStorage) return tensor;
    }
    throw torchFault(
      this.#where,
      "a tensor that does not fit its storage",
      "tensors within their storages",
    );
  }
}

/** A dictionary out of nothing, of another, or of pairs, as Python 2 writes an OrderedDict. */
function dictOf(parameters: PickleValue[]): Map<PickleValue, PickleValue> {
  const [items] = parameters;
  if (items instanceof Map) return new Map(items);
  const dict = new Map<PickleValue, PickleValue>();
  if (!Array.isArray(items)) return dict;
  for (const item of items) {
    if (Array.isArray(item) && item.length === 2) dict.set(item[0], item[1]);
  }
  return dict;
}

/** A name from the file as it may stand in a one-line message. */
export function quote(name: string): string {
  return JSON.stringify(name.slice(0, 60));
}

function isCount(value: PickleValue | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCounts(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}

/** The error for a file that is damaged or none of PyTorch's. */
export function torchFault(
  where: string,
  found: string,
  wanted: string,
): DataError {
  return new DataError({
    attempt: "read the checkpoint",
    where,
    found,
    wanted,
    remedy:
      "the file is damaged or not a checkpoint of PyTorch: fetch or save it again",
  });
}
