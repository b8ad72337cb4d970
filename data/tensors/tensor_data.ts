/** One array type for each element type that a weights file can hold. */
export interface ArrayOfDtype {
  F64: Float64Array<ArrayBuffer>;
  F32: Float32Array<ArrayBuffer>;
  /** IEEE half precision as raw 16-bit patterns: JavaScript has no array of halves everywhere yet. */
  F16: Uint16Array<ArrayBuffer>;
  /** bfloat16 as raw 16-bit patterns. */
  BF16: Uint16Array<ArrayBuffer>;
  I64: BigInt64Array<ArrayBuffer>;
  U64: BigUint64Array<ArrayBuffer>;
  I32: Int32Array<ArrayBuffer>;
  U32: Uint32Array<ArrayBuffer>;
  I16: Int16Array<ArrayBuffer>;
  U16: Uint16Array<ArrayBuffer>;
  I8: Int8Array<ArrayBuffer>;
  U8: Uint8Array<ArrayBuffer>;
  BOOL: Uint8Array<ArrayBuffer>;
}

/** Element type names as safetensors spells them. */
export type Dtype = keyof ArrayOfDtype;

/** A named tensor's content: row-major `data` with `product(shape)` entries; `[]` is a scalar. */
export type TensorData = {
  [D in Dtype]: { dtype: D; shape: number[]; data: ArrayOfDtype[D] };
}[Dtype];

/** Size of one element in bytes. */
export const elementSizeBytes: Readonly<Record<Dtype, number>> = {
  F64: 8,
  I64: 8,
  U64: 8,
  F32: 4,
  I32: 4,
  U32: 4,
  F16: 2,
  BF16: 2,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

const arrayConstructors: {
  [D in Dtype]: new (buffer: ArrayBuffer) => ArrayOfDtype[D];
} = {
  F64: Float64Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
};

/**
 * Copies little-endian `bytes` into a tensor of its own. The caller has checked that
 * `bytes.length = product(shape) · elementSizeBytes[dtype]`.
 */
export function tensorFromBytes(
  dtype: Dtype,
  shape: number[],
  bytes: Uint8Array,
): TensorData {
  const buffer = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(buffer).set(bytes);
  const data = new arrayConstructors[dtype](buffer);
  return { dtype, shape, data } as TensorData;
}

/** The tensor's bytes, without a copy. Little-endian, as every platform with WebGPU is. */
export function bytesOfTensor(tensor: TensorData): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = tensor.data;
  return new Uint8Array(buffer, byteOffset, byteLength);
}
