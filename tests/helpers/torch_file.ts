import { zipSync } from "fflate";

/** A tensor to write. */
export interface FloatTensor {
  shape: readonly number[];
  data: ArrayLike<number>;
}

/** `{"epoch": 3, "state_dict": {…}, "model_arch": "SDGMNet128"}` with F32 tensors, in the zip form of torch.save. */
export function torchZip(
  tensors: ReadonlyMap<string, FloatTensor>,
): Uint8Array {
  const pickle = new PickleWriter();
  const entries: Record<string, Uint8Array> = {};
  pickle.raw("\x80\x02}(").text("epoch").raw("K\x03");
  pickle.text("model_arch").text("SDGMNet128").text("state_dict").raw("}(");
  for (const [name, { shape, data }] of tensors) {
    const key = String(Object.keys(entries).length);
    const floats = Float32Array.from(data);
    entries[`archive/data/${key}`] = new Uint8Array(floats.buffer);
    const strides = shape.map((_, axis) =>
      shape.slice(axis + 1).reduce((product, extent) => product * extent, 1)
    );
    pickle.text(name).global("torch._utils", "_rebuild_tensor_v2").raw("((");
    pickle.text("storage").global("torch", "FloatStorage").text(key)
      .text("cpu").integer(data.length).raw("tQ");
    pickle.integer(0).tuple(shape).tuple(strides).raw("\x89");
    pickle.global("collections", "OrderedDict").raw(")RtR");
  }
  pickle.raw("uu.");
  return zipSync({ "archive/data.pkl": pickle.bytes(), ...entries }, {
    level: 0,
  });
}

/** The few pickle instructions that a state dictionary takes; `raw` are opcodes. */
class PickleWriter {
  readonly #bytes: number[] = [];

  raw(opcodes: string): this {
    for (const code of opcodes) this.#bytes.push(code.charCodeAt(0));
    return this;
  }

  text(value: string): this {
    const bytes = new TextEncoder().encode(value);
    this.raw("X").#word(bytes.length);
    this.#bytes.push(...bytes);
    return this;
  }

  integer(value: number): this {
    return this.raw("J").#word(value);
  }

  tuple(values: readonly number[]): this {
    this.raw("(");
    for (const value of values) this.integer(value);
    return this.raw("t");
  }

  global(module: string, name: string): this {
    return this.raw(`c${module}\n${name}\n`);
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  #word(value: number): this {
    for (let shift = 0; shift < 32; shift += 8) {
      this.#bytes.push((value >>> shift) & 255);
    }
    return this;
  }
}
