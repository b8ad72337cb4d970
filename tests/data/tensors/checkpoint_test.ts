import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  DataError,
  parseCheckpoint,
  readCheckpoint,
  serializeSafetensors,
  type TensorData,
  writeSafetensors,
} from "../../../data/mod.ts";

const folder = new URL("../../golden/checkpoints/", import.meta.url);

function bytesOf(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(name, folder));
}

function numbers({ data }: TensorData): number[] {
  return Array.from(data as ArrayLike<number | bigint>, Number);
}

/** The first position of the bytes of `text`. */
function find(bytes: Uint8Array, text: string): number {
  const wanted = new TextEncoder().encode(text);
  return bytes.findIndex((_, at) =>
    wanted.every((byte, index) => bytes[at + index] === byte)
  );
}

function refuses(bytes: Uint8Array, where: string, message: RegExp): void {
  assert.throws(() => parseCheckpoint(bytes, where), (error) => {
    assert.ok(error instanceof DataError, String(error));
    assert.match(error.message, message);
    assert.match(error.message, /^Cannot read [^\n]*$/);
    return true;
  });
}

describe("checkpoints of PyTorch", () => {
  for (const form of ["zip", "legacy"]) {
    it(`gives the weights of the plain layout, ${form} form, each once`, async () => {
      const { tensors, metadata, source } = parseCheckpoint(
        await bytesOf(`plain_${form}.pt`),
        "plain.pt",
      );
      assert.equal(source, "state_dict");
      assert.deepEqual(metadata, {
        epoch: "25",
        model_arch: "SDGMNet128",
        save_name: "small_größe",
      });
      assert.deepEqual([...tensors.keys()].sort(), [
        "features.0.0.bias",
        "features.0.0.weight",
        "features.0.1.num_batches_tracked",
        "features.0.1.running_mean",
        "features.0.1.running_var",
      ]);
      const weight = tensors.get("features.0.0.weight")!;
      assert.equal(weight.dtype, "F32");
      assert.deepEqual(weight.shape, [3, 2, 3, 3]);
      assert.deepEqual(
        numbers(weight),
        Array.from({ length: 54 }, (_, at) => 1 + at / 64),
      );
      const tracked = tensors.get("features.0.1.num_batches_tracked")!;
      assert.deepEqual(tracked, {
        dtype: "I64",
        shape: [],
        data: new BigInt64Array([5_000_000_000n]),
      });
    });

    it(`takes the student of the teacher layout, ${form} form`, async () => {
      const { tensors, source } = parseCheckpoint(
        await bytesOf(`teacher_${form}.pt`),
        "teacher.pt",
      );
      assert.equal(source, "S_state_dict");
      assert.deepEqual(numbers(tensors.get("features.0.0.bias")!), [1, 0, -1]);
    });

    it(`follows strides, offsets and element types, ${form} form`, async () => {
      const { tensors, source } = parseCheckpoint(
        await bytesOf(`views_${form}.pth`),
        "views.pth",
      );
      assert.equal(source, "");
      const shown = [...tensors].map((
        [name, tensor],
      ) => [name, tensor.dtype, tensor.shape, numbers(tensor)]);
      const columns = [0, 1, 2, 3, 4, 5].flatMap((column) =>
        [0, 6, 12, 18].map((row) => row + column)
      );
      assert.deepEqual(shown, [
        ["transposed", "F64", [6, 4], columns],
        ["window", "F64", [2, 3], [8, 9, 10, 14, 15, 16]],
        ["strided", "F64", [2, 2], [0, 3, 12, 15]],
        ["scalar", "I32", [], [3]],
        ["half", "F16", [2], [0x3e00, 0xc000]],
        ["empty", "F32", [0, 4], []],
        ["flags", "BOOL", [2], [1, 0]],
        ["parameter", "F32", [1], [0.25]],
        ["bytes", "U8", [2], [1, 255]],
      ]);
    });

    it(`executes nothing and says what was asked for, ${form} form`, async () => {
      const bytes = await bytesOf(`malicious_${form}.pt`);
      refuses(
        bytes,
        "bad.pt",
        /bad\.pt: found a call of "posix\.system", wanted tensors and plain containers/,
      );
      await assert.rejects(
        Deno.stat("executed_by_a_checkpoint"),
        Deno.errors.NotFound,
      );
    });

    it(`refuses every truncation, ${form} form`, async () => {
      const bytes = await bytesOf(`plain_${form}.pt`);
      for (let length = 0; length < bytes.length; length++) {
        refuses(bytes.subarray(0, length), "short.pt", /short\.pt/);
      }
    });
  }

  it("refuses a wrong magic number, a foreign file and a flipped bit", async () => {
    const legacy = await bytesOf("plain_legacy.pt");
    legacy[5] ^= 1;
    refuses(legacy, "x.pt", /found a pickle that torch.save did not write/);
    refuses(
      new TextEncoder().encode("not a checkpoint at all"),
      "x.pt",
      /found opcode 0x6e/,
    );
    const zip = await bytesOf("plain_zip.pt");
    zip[find(zip, "SDGMNet128")] ^= 1;
    refuses(zip, "x.pt", /"[^"]*data\.pkl" with a wrong checksum/);
  });

  it("refuses storages of another length than the pickle says", async () => {
    const bytes = await bytesOf("plain_legacy.pt");
    const at = find(bytes, "K\x36"); // BININT1 54, the weight's element count
    bytes[at + 1] = 53;
    refuses(
      bytes,
      "x.pt",
      /a tensor that does not fit its storage|elements in storage/,
    );
  });
});

describe("checkpoints as safetensors", () => {
  const weight: TensorData = {
    dtype: "F32",
    shape: [2],
    data: new Float32Array([1, 2]),
  };
  const other: TensorData = {
    dtype: "F32",
    shape: [2],
    data: new Float32Array([1, 3]),
  };

  it("are read by the same function, aliases folded", async () => {
    const directory = await Deno.makeTempDir();
    const path = `${directory}/w.safetensors`;
    await writeSafetensors(path, new Map([["layer7.1.weight", weight]]), {
      epoch: "3",
    });
    const { tensors, metadata } = await readCheckpoint(path);
    assert.deepEqual([...tensors], [["features.6.1.weight", weight]]);
    assert.deepEqual(metadata, { epoch: "3" });
    await Deno.remove(directory, { recursive: true });
  });

  it("are recognised under any name, and refused when damaged", () => {
    const bytes = serializeSafetensors(new Map([["x", weight]]));
    assert.equal(parseCheckpoint(bytes, "weights").tensors.size, 1);
    refuses(
      bytes.subarray(0, 40),
      "w.safetensors",
      /Cannot read safetensors: w\.safetensors: found header length/,
    );
  });

  it("are refused when two names of one tensor disagree", () => {
    const bytes = serializeSafetensors(
      new Map([["layer1.0.bias", weight], ["features.0.0.bias", other]]),
    );
    refuses(
      bytes,
      "w.safetensors",
      /different values under the alias "layer1\.0\.bias"/,
    );
  });

  it("name a missing file", async () => {
    await assert.rejects(readCheckpoint("no/such.pt"), {
      message:
        "Cannot read the checkpoint: no/such.pt: found no such file or folder, wanted a readable file; " +
        "check the path and its permissions",
    });
  });
});
