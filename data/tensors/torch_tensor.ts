import {
  type Dtype,
  elementSizeBytes,
  type TensorData,
  tensorFromBytes,
} from "./tensor_data.ts";

/** Storage classes that a checkpoint may name, and their element types. */
export const dtypeOfStorage: Readonly<Record<string, Dtype>> = {
  "torch.DoubleStorage": "F64",
  "torch.FloatStorage": "F32",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
};

/** Storage classes whose elements are not read, and how large those are, so that their bytes can be passed over. */
export const otherStorageBytes: Readonly<Record<string, number>> = {
  "torch.ComplexDoubleStorage": 16,
  "torch.ComplexFloatStorage": 8,
  "torch.QInt32Storage": 4,
  "torch.QInt8Storage": 1,
  "torch.QUInt8Storage": 1,
  "torch.QUInt4x2Storage": 1,
  "torch.QUInt2x4Storage": 1,
  "torch.UntypedStorage": 1,
  "torch.storage.UntypedStorage": 1,
};

/** A run of elements that tensors look into; its bytes are read after the pickle that names it. */
export class TorchStorage {
  constructor(
    readonly key: string,
    readonly dtype: Dtype,
    readonly count: number,
  ) {}

  get sizeBytes(): number {
    return this.count * elementSizeBytes[this.dtype];
  }
}

/** A part of a storage, as torch before 0.4 wrote them. */
export class TorchStorageView {
  constructor(
    readonly storage: TorchStorage,
    readonly start: number,
    readonly count: number,
  ) {}
}

/** A tensor that the pickle describes: a strided window on a storage, counted in elements. */
export class TorchTensor {
  readonly storage: TorchStorage;
  /** of its first element in the storage */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** whether its values are the storage's with their signs changed (the "negative bit") */
  readonly isNegated: boolean;
  readonly #isWithin: boolean;

  /**
   * @param shape copied, as is `strides`: the pickle may go on to change its lists
   */
  constructor(
    view: TorchStorageView,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
    isNegated = false,
  ) {
    this.storage = view.storage;
    this.offset = view.start + offset;
    this.shape = [...shape];
    this.strides = [...strides];
    this.isNegated = isNegated;
    const last = this.shape.reduce(
      (position, extent, axis) => position + (extent - 1) * this.strides[axis],
      offset,
    );
    this.#isWithin = this.count === 0 || last < view.count;
  }

  /** Number of elements. */
  get count(): number {
    return this.shape.reduce((product, extent) => product * extent, 1);
  }

  /** Bytes of its elements once they are copied out: far more than the storage's where strides are 0. */
  get sizeBytes(): number {
    return this.count * elementSizeBytes[this.storage.dtype];
  }

  /** Whether every element lies in the storage. */
  get isWithinStorage(): boolean {
    return this.#isWithin && Number.isSafeInteger(this.count);
  }

  /** Copies the window out of the storage's bytes, row-major. */
  materialize(storageBytes: Uint8Array): TensorData {
    const { dtype } = this.storage;
    const size = elementSizeBytes[dtype];
    const bytes = new Uint8Array(this.sizeBytes);
    const index = this.shape.map(() => 0);
    let source = this.offset;
    for (let target = 0; target < bytes.length; target += size) {
      for (let part = 0; part < size; part++) {
        bytes[target + part] = storageBytes[source * size + part];
      }
      for (let axis = this.shape.length - 1; axis >= 0; axis--) {
        source += this.strides[axis];
        if (++index[axis] < this.shape[axis]) break;
        source -= this.shape[axis] * this.strides[axis];
        index[axis] = 0;
      }
    }
    const tensor = tensorFromBytes(dtype, [...this.shape], bytes);
    if (this.isNegated) negate(tensor);
    return tensor;
  }
}

/** Changes every sign, in place; unsigned and truth values have none to change. */
function negate(tensor: TensorData): void {
  const { data } = tensor;
  switch (tensor.dtype) {
    case "F16":
    case "BF16":
      for (let i = 0; i < data.length; i++) tensor.data[i] ^= 0x8000;
      break;
    case "I64":
    case "U64":
      for (let i = 0; i < data.length; i++) tensor.data[i] = -tensor.data[i];
      break;
    case "BOOL":
      break;
    default:
      for (let i = 0; i < data.length; i++) tensor.data[i] = -tensor.data[i];
  }
}
