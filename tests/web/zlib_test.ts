import assert from "node:assert/strict";
import * as zlib from "node:zlib";
import { describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../data/random.ts";
import { crc32, inflateSync } from "../../web/worker/zlib.ts";

function bytes(turn: number): Uint8Array {
  const stream = new RandomStream(6, "zlib", turn);
  const most = 1 + stream.integer(255);
  return Uint8Array.from(
    { length: stream.integer(5000) },
    () => stream.integer(most),
  );
}

describe("zlib in the browser", () => {
  it("gives the checksums of Node's, in one piece and in two", () => {
    for (let turn = 0; turn < 20; turn++) {
      const text = bytes(turn);
      const half = text.length >> 1;
      assert.equal(crc32(text), zlib.crc32(text));
      const first = crc32(text.subarray(0, half));
      assert.equal(crc32(text.subarray(half), first), zlib.crc32(text));
    }
  });

  it("uncompresses what Node compressed, up to a limit", () => {
    for (let turn = 0; turn < 20; turn++) {
      const text = bytes(turn);
      const packed = zlib.deflateSync(text);
      for (const more of [0, 1, 100]) {
        const maxOutputLength = text.length + more;
        assert.deepEqual(inflateSync(packed, { maxOutputLength }), text);
      }
      if (text.length === 0) continue;
      assert.throws(
        () => inflateSync(packed, { maxOutputLength: text.length - 1 }),
        { code: "ERR_BUFFER_TOO_LARGE" },
      );
    }
  });

  it("refuses what is damaged", () => {
    const packed = zlib.deflateSync(bytes(3));
    const cut = packed.subarray(0, packed.length >> 1);
    assert.throws(() => inflateSync(cut, { maxOutputLength: 10_000 }));
  });
});
