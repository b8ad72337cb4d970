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

/** A tensor that the pickle describes: a strided window on a storage, counted in elements. */
export class TorchTensor {
  constructor(
    readonly storage: TorchStorage,
    readonly offset: number,
    readonly shape: number[],
    readonly strides: number[],
  ) {}

  /** Number of elements. */
  get count(): number {
    return this.shape.reduce((product, extent) => product * extent, 1);
  }

  /** Whether every element lies in the storage, and none is there more often than the storage could pay for. */
  get isWithinStorage(): boolean {
    if (this.count === 0) return true;
    const last = this.shape.reduce(
      (position, extent, axis) => position + (extent - 1) * this.strides[axis],
      this.offset,
    );
    return last < this.storage.count && this.count <= this.storage.count;
  }

  /** Copies the window out of the storage's bytes, row-major. */
  materialize(storageBytes: Uint8Array): TensorData {
    const { dtype } = this.storage;
    const size = elementSizeBytes[dtype];
    const bytes = new Uint8Array(this.count * size);
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
    return tensorFromBytes(dtype, [...this.shape], bytes);
  }
}
