import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  DataError,
  parseSafetensors,
  readSafetensors,
  serializeSafetensors,
  type TensorData,
  writeSafetensors,
} from "../../../data/mod.ts";

/** A file with the given header text (or object) and `dataBytes` bytes of data. */
function file(header: unknown, dataBytes: number): Uint8Array {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const encoded = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + encoded.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(encoded.length), true);
  bytes.set(encoded, 8);
  return bytes;
}

function entry(begin: number, end: number, shape = [(end - begin) / 4]) {
  return { dtype: "F32", shape, data_offsets: [begin, end] };
}

function example(): Map<string, TensorData> {
  return new Map<string, TensorData>([
    ["flags", { dtype: "BOOL", shape: [3], data: new Uint8Array([1, 0, 1]) }],
    ["weight", {
      dtype: "F32",
      shape: [2, 3],
      data: new Float32Array([1, -2, 0.5, NaN, Infinity, -0]),
    }],
    ["tracked", { dtype: "I64", shape: [], data: new BigInt64Array([-5n]) }],
    ["nothing", { dtype: "F32", shape: [0, 4], data: new Float32Array(0) }],
    ["größe", { dtype: "I32", shape: [1], data: new Int32Array([-7]) }],
  ]);
}

describe("safetensors", () => {
  it("gives back what was written, to the bit", async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/model.safetensors`;
    await writeSafetensors(path, example(), { made: "by a test", b: "\n" });
    const { tensors, metadata } = await readSafetensors(path);
    assert.deepEqual(metadata, { made: "by a test", b: "\n" });
    assert.deepEqual([...tensors.keys()].sort(), [...example().keys()].sort());
    for (const [name, tensor] of example()) {
      assert.deepEqual(tensors.get(name), tensor, name);
    }
    const names = [...Deno.readDirSync(folder)].map((item) => item.name);
    assert.deepEqual(names, ["model.safetensors"]);
    await Deno.remove(folder, { recursive: true });
  });

  it("writes the same bytes whatever the order of the map", () => {
    const reversed = new Map([...example()].reverse());
    assert.deepEqual(
      serializeSafetensors(reversed, { b: "2", a: "1" }),
      serializeSafetensors(example(), { a: "1", b: "2" }),
    );
  });

  it("aligns the data to 8 bytes and every tensor to its element", () => {
    const bytes = serializeSafetensors(example());
    const headerLength = Number(
      new DataView(bytes.buffer).getBigUint64(0, true),
    );
    assert.equal(headerLength % 8, 0);
    const header = JSON.parse(
      new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)),
    );
    assert.deepEqual(Object.keys(header), Object.keys(header).sort());
    assert.equal(header.tracked.data_offsets[0] % 8, 0);
    assert.equal(header.weight.data_offsets[0] % 4, 0);
  });

  it("reads a file that the format's own text gives as an example", () => {
    const bytes = file({ x: entry(0, 8), __metadata__: { format: "pt" } }, 8);
    new DataView(bytes.buffer).setFloat32(bytes.length - 4, 2.5, true);
    const { tensors, metadata } = parseSafetensors(bytes, "example");
    assert.deepEqual(tensors.get("x")!.data, new Float32Array([0, 2.5]));
    assert.deepEqual(metadata, { format: "pt" });
  });

  const faults: [string, Uint8Array, RegExp][] = [
    [
      "an empty file",
      new Uint8Array(0),
      /found 0 bytes, wanted at least the 8 bytes/,
    ],
    [
      "a header beyond the file",
      file("{}", 0).fill(9, 0, 1),
      /found header length 9, wanted at most 2 bytes/,
    ],
    [
      "a huge header length",
      file("{}", 0).fill(255, 0, 8),
      /header length 18446744073709551615/,
    ],
    ["a header that is not UTF-8", file("{}", 0).fill(0xff, 8, 9), /not UTF-8/],
    ["a header that is not JSON", file("{]", 0), /not JSON/],
    ["a header that is a list", file("[]", 0), /not an object/],
    [
      "a name that stands twice",
      file(
        '{"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0078":1}',
        0,
      ),
      /the name "x" twice/,
    ],
    [
      "metadata that is no text",
      file({ __metadata__: { a: 1 } }, 0),
      /1 in __metadata__/,
    ],
    [
      "an unknown dtype",
      file({ x: { ...entry(0, 4), dtype: "toString" } }, 4),
      /tensor "x": found dtype "toString"/,
    ],
    [
      "a negative extent",
      file({ x: entry(0, 4, [-1]) }, 4),
      /found shape \[-1\]/,
    ],
    ["a fractional extent", file({ x: entry(0, 2) }, 2), /found shape \[0.5\]/],
    [
      "a negative offset",
      file({ x: entry(-4, 0, [1]) }, 4),
      /found data_offsets \[-4,0\]/,
    ],
    [
      "three offsets",
      file({ x: { ...entry(0, 4), data_offsets: [0, 4, 8] } }, 8),
      /two positions/,
    ],
    [
      "a shape that does not fit",
      file({ x: entry(0, 8, [3]) }, 8),
      /8 bytes for F32 of shape \[3\], wanted 12/,
    ],
    [
      "an end before the beginning",
      file({ x: entry(8, 4, [1]) }, 8),
      /found -4 bytes/,
    ],
    [
      "overlapping tensors",
      file({ x: entry(0, 8), y: entry(4, 12) }, 12),
      /tensor "y": found an overlap: data begins at 4, wanted it to begin at 8/,
    ],
    [
      "a hole",
      file({ x: entry(0, 4), y: entry(8, 12) }, 12),
      /tensor "y": found a hole/,
    ],
    [
      "data beyond the file",
      file({ x: entry(0, 8) }, 4),
      /data that ends at 8, wanted an end within the 4 bytes/,
    ],
    [
      "bytes that no tensor claims",
      file({ x: entry(0, 4) }, 8),
      /found 8 bytes of data, wanted the 4 bytes/,
    ],
    [
      "a product beyond all bounds",
      file({ x: entry(0, 4, [2 ** 40, 2 ** 40]) }, 4),
      /found 4 bytes for F32/,
    ],
  ];
  for (const [what, bytes, message] of faults) {
    it(`refuses ${what}`, () => {
      assert.throws(() => parseSafetensors(bytes, "x.safetensors"), (error) => {
        assert.ok(error instanceof DataError);
        assert.match(
          error.message,
          /^Cannot read safetensors: x\.safetensors.*; the file is damaged/,
        );
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it("refuses to write what it could not read back", () => {
    const tensor: TensorData = {
      dtype: "F32",
      shape: [2],
      data: new Float32Array(3),
    };
    assert.throws(
      () => serializeSafetensors(new Map([["w", tensor]])),
      /tensor "w": found 3 values with shape \[2\], wanted 2 values/,
    );
    assert.throws(
      () => serializeSafetensors(new Map([["__metadata__", tensor]])),
      /a name that is not reserved/,
    );
  });

  it("says which file is missing and where nothing can be written", async () => {
    await assert.rejects(readSafetensors("no/such.safetensors"), {
      message:
        "Cannot read safetensors: no/such.safetensors: found no such file or folder, " +
        "wanted a readable file; check the path and its permissions",
    });
    await assert.rejects(
      writeSafetensors("no/such/folder/x.safetensors", example()),
      (error) =>
        error instanceof DataError &&
        /Cannot write safetensors/.test(error.message),
    );
  });
});
