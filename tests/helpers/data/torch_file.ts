import { zipSync } from "fflate";

/** A tensor to write. */
export interface FloatTensor {
  shape: readonly number[];
  data: ArrayLike<number>;
}

/** The tensors of one network. */
export type FloatTensors = ReadonlyMap<string, FloatTensor>;

/**
 * `{"epoch": 3, "model_arch": "SDGMNet128", "state_dict": {…}}` with F32 tensors, in the zip form of torch.save; with a
 * teacher `{"epoch": 3, "model_arch": "TeacherNet", "S_state_dict": {…}, "T_state_dict": {…}}`.
 */
export function torchZip(
  tensors: FloatTensors,
  teacher?: FloatTensors,
): Uint8Array<ArrayBuffer> {
  const { pickle, storages } = pickleOf(tensors, teacher, false);
  const entries = storages.map((floats, key) => [
    `archive/data/${key}`,
    new Uint8Array(floats.buffer),
  ]);
  return zipSync({
    "archive/data.pkl": pickle,
    ...Object.fromEntries(entries),
  }, { level: 0 });
}

/** As {@linkcode torchZip}, in the stream of torch 1.4. */
export function torchLegacy(
  tensors: FloatTensors,
  teacher?: FloatTensors,
): Uint8Array<ArrayBuffer> {
  const { pickle, storages } = pickleOf(tensors, teacher, true);
  const magic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
  const head = new PickleWriter().raw(`\x80\x02\x8a\x0a${magic}.`)
    .raw("\x80\x02M\xe9\x03.")
    .raw("\x80\x02}(").text("protocol_version").raw("M\xe9\x03")
    .text("little_endian").raw("\x88u.");
  const keys = new PickleWriter().raw("\x80\x02](");
  for (const key of storages.keys()) keys.text(String(key));
  keys.raw("e.");
  const contents = storages.flatMap((floats) => [
    new Uint8Array(BigInt64Array.of(BigInt(floats.length)).buffer),
    new Uint8Array(floats.buffer),
  ]);
  const parts = [head.bytes(), pickle, keys.bytes(), ...contents];
  const file = new Uint8Array(
    parts.reduce((total, { length }) => total + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/** The dictionary's pickle, and the storages that it names 0, 1, …. */
function pickleOf(
  tensors: FloatTensors,
  teacher: FloatTensors | undefined,
  isLegacy: boolean,
): {
  pickle: Uint8Array<ArrayBuffer>;
  storages: Float32Array<ArrayBuffer>[];
} {
  const pickle = new PickleWriter();
  const storages: Float32Array<ArrayBuffer>[] = [];
  const write = (name: string, network: FloatTensors) => {
    pickle.text(name).raw("}(");
    for (const [name, { shape, data }] of network) {
      const key = String(storages.length);
      storages.push(Float32Array.from(data));
      const strides = shape.map((_, axis) =>
        shape.slice(axis + 1).reduce((product, extent) => product * extent, 1)
      );
      pickle.text(name).global("torch._utils", "_rebuild_tensor_v2").raw("((");
      pickle.text("storage").global("torch", "FloatStorage").text(key)
        .text("cpu").integer(data.length).raw(isLegacy ? "NtQ" : "tQ");
      pickle.integer(0).tuple(shape).tuple(strides).raw("\x89");
      pickle.global("collections", "OrderedDict").raw(")RtR");
    }
    pickle.raw("u");
  };
  pickle.raw("\x80\x02}(").text("epoch").raw("K\x03").text("model_arch");
  if (teacher === undefined) {
    pickle.text("SDGMNet128");
    write("state_dict", tensors);
  } else {
    pickle.text("TeacherNet");
    write("S_state_dict", tensors);
    write("T_state_dict", teacher);
  }
  return { pickle: pickle.raw("u.").bytes(), storages };
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

  bytes(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#bytes);
  }

  #word(value: number): this {
    for (let shift = 0; shift < 32; shift += 8) {
      this.#bytes.push((value >>> shift) & 255);
    }
    return this;
  }
}
