/** What differs from a plain tensor of four floats; pickled values as text. */
export interface PickledTensor {
  shape?: string;
  strides?: string;
  /** seventh parameter of `_rebuild_tensor_v2` */
  metadata?: string;
  /** function that makes it */
  name?: string;
  /** whether functions are named as protocol 4 does */
  stackGlobal?: boolean;
}

/** Writes a pickle opcode by opcode, so that a test can write any. */
export class PickleBytes {
  readonly #pieces: string[] = [];

  /** Opcodes and bytes, one a character. */
  raw(bytes: string): this {
    this.#pieces.push(bytes);
    return this;
  }

  text(value: string): this {
    return this.raw(`X${word(value.length)}${value}`);
  }

  int(value: number): this {
    return this.raw(`J${word(value)}`);
  }

  /** A tensor on the storage "0" of four floats. */
  tensor(tensor: PickledTensor): this {
    const { shape = "(K\x04t", strides = "(K\x01t", metadata } = tensor;
    const { name = "_rebuild_tensor_v2", stackGlobal } = tensor;
    const rest = name === "_rebuild_tensor"
      ? ""
      : `\x89ccollections\nOrderedDict\n)R${metadata ?? ""}`;
    const maker = stackGlobal
      ? `\x8c\x0ctorch._utils\x8c${String.fromCharCode(name.length)}${name}\x93`
      : `ctorch._utils\n${name}\n`;
    return this.raw(maker).raw("((").text("storage")
      .raw("ctorch\nFloatStorage\n").text("0").text("cpu").raw("K\x04tQ")
      .raw(`K\x00${shape}${strides}${rest}tR`);
  }

  toString(): string {
    return this.#pieces.join("");
  }
}

/** A stream as torch.save wrote before 1.6: the object's pickle, and the storage "0". */
export function torchStream(
  pickle: PickleBytes,
  storage: Float32Array,
): Uint8Array<ArrayBuffer> {
  const magic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
  const system = new PickleBytes().raw("\x80\x02}").text("little_endian")
    .raw("\x88s.");
  const keys = new PickleBytes().raw("\x80\x02](").text("0").raw("e.");
  const text = `\x80\x02\x8a\x0a${magic}.\x80\x02M\xe9\x03.${system}` +
    `\x80\x02${pickle}.${keys}${word(storage.length)}${word(0)}`;
  const content = new Uint8Array(storage.slice().buffer);
  const bytes = new Uint8Array(text.length + content.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  bytes.set(content, text.length);
  return bytes;
}

function word(value: number): string {
  return String.fromCharCode(
    ...[0, 8, 16, 24].map((shift) => value >>> shift & 255),
  );
}
