import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { DataError } from "../../../data/errors.ts";
import { protobufFields } from "../../../data/protobuf/protobuf_reader.ts";
import { ProtobufWriter } from "../../../data/protobuf/protobuf_writer.ts";

/** What protoc 3.21 writes for `a: 300 b: "Größe" c { hash: "ab" size: 9007199254740991 } d: "\000\377" e: -2 f: 1`. */
const golden =
  "08ac0212074772c3b6c39f651a0d0a02616210ffffffffffffff0f220200ff28feffffffffffffffff01c00c01";

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(
    text.match(/../g) ?? [],
    (byte) => Number.parseInt(byte, 16),
  );
}

describe("ProtobufWriter", () => {
  it("writes what protoc writes", () => {
    const bytes = new ProtobufWriter()
      .integer(1, 300)
      .text(2, "Größe")
      .message(
        3,
        (inner) => inner.text(1, "ab").integer(2, Number.MAX_SAFE_INTEGER),
      )
      .bytes(4, Uint8Array.of(0, 255))
      .integer(5, -2)
      .integer(200, 1)
      .finish();
    assert.equal(hex(bytes), golden);
  });

  it("refuses a number that is no safe integer", () => {
    for (const value of [0.5, NaN, 2 ** 53]) {
      assert.throws(() => new ProtobufWriter().integer(1, value), RangeError);
    }
  });
});

describe("protobufFields", () => {
  it("reads what protoc wrote", () => {
    const fields = [...protobufFields(bytesOf(golden), "a message")];
    assert.deepEqual(fields.map(({ field }) => field), [1, 2, 3, 4, 5, 200]);
    assert.equal(fields[0].integer, 300n);
    assert.equal(new TextDecoder().decode(fields[1].bytes), "Größe");
    const [hash, size] = protobufFields(fields[2].bytes!, "a message");
    assert.equal(new TextDecoder().decode(hash.bytes), "ab");
    assert.equal(size.integer, BigInt(Number.MAX_SAFE_INTEGER));
    assert.deepEqual(fields[3].bytes, Uint8Array.of(0, 255));
    assert.equal(BigInt.asIntN(64, fields[4].integer!), -2n);
    assert.equal(fields[5].integer, 1n);
  });

  it("gives numbers of fixed width as their bytes", () => {
    // protoc 3.21: `g: 7 h: 0.5` of types fixed32 and double
    const fields = [
      ...protobufFields(bytesOf("3d0700000041000000000000e03f"), "a message"),
    ];
    assert.deepEqual(fields.map(({ bytes }) => hex(bytes!)), [
      "07000000",
      "000000000000e03f",
    ]);
  });

  const damaged: [what: string, bytes: string, found: RegExp][] = [
    ["a text cut off", "1207477265", /its end at byte 2/],
    ["a number cut off", "08ac", /its end at byte 2/],
    ["a tag cut off", "ff", /its end at byte 1/],
    ["an endless number", "08" + "80".repeat(11), /more than ten bytes/],
    ["field 0", "0001", /field 0/],
    ["a group", "0b0c", /wire type 3/],
    ["a size beyond all memory", "12ffffffffffffffff7f", /its end/],
  ];
  for (const [what, bytes, found] of damaged) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => [...protobufFields(bytesOf(bytes), "x.bin")],
        (error) => {
          assert.ok(error instanceof DataError);
          assert.match(error.message, /^Cannot read a message: x\.bin: found /);
          assert.match(error.message, found);
          return true;
        },
      );
    });
  }
});
