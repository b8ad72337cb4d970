import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { ProtobufWriter } from "../../../data/protobuf/protobuf_writer.ts";

function hexOf(write: (message: ProtobufWriter) => void): string {
  const message = new ProtobufWriter();
  write(message);
  return message.finish().toHex();
}

describe("a protobuf message", () => {
  // The figures of the encoding's own documentation, and those that a binary32 or binary64 has by IEEE 754.
  const cases: [string, (message: ProtobufWriter) => void, string][] = [
    ["is empty without fields", () => {}, ""],
    ["holds an integer", (m) => m.integer(1, 150), "089601"],
    ["holds zero", (m) => m.integer(1, 0), "0800"],
    [
      "holds a negative integer in ten bytes",
      (m) => m.integer(1, -2),
      "08feffffffffffffffff01",
    ],
    [
      "holds the largest safe integer",
      (m) => m.integer(1, Number.MAX_SAFE_INTEGER),
      "08ffffffffffffff0f",
    ],
    ["holds a text", (m) => m.text(2, "testing"), "120774657374696e67"],
    ["counts a text in bytes of UTF-8", (m) => m.text(2, "ß"), "1202c39f"],
    ["holds bytes", (m) => m.bytes(4, Uint8Array.of(3, 142, 2)), "2203038e02"],
    ["holds a binary32", (m) => m.float32(2, 0.1), "15cdcccc3d"],
    ["holds a binary64", (m) => m.float64(1, -2), "0900000000000000c0"],
    [
      "holds a packed list of binary64",
      (m) => m.float64s(6, [1, 0.5]),
      "3210000000000000f03f000000000000e03f",
    ],
    [
      "holds messages in messages",
      (m) =>
        m.message(
          3,
          (inner) => inner.message(1, (deepest) => deepest.integer(1, 150)),
        ),
      "1a050a03089601",
    ],
    ["has tags of two bytes", (m) => m.integer(16, 1), "800101"],
  ];
  for (const [what, write, hex] of cases) {
    it(what, () => assert.equal(hexOf(write), hex));
  }

  it("keeps the order in which fields were written", () => {
    assert.equal(hexOf((m) => m.integer(2, 1).integer(1, 2)), "10010802");
  });

  it("refuses numbers that are no safe integers", () => {
    for (const value of [0.5, NaN, 2 ** 53]) {
      assert.throws(() => new ProtobufWriter().integer(7, value), RangeError);
    }
  });
});
