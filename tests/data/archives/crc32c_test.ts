import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { crc32c } from "../../../data/archives/crc32c.ts";

describe("CRC-32C", () => {
  // RFC 3720, B.4, and the check value that catalogues of CRCs give for "123456789".
  const cases: [string, Uint8Array, number][] = [
    ["nothing", new Uint8Array(0), 0],
    ["32 zeros", new Uint8Array(32), 0x8a9136aa],
    ["32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ["0, 1, … 31", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    [
      "31, 30, … 0",
      Uint8Array.from({ length: 32 }, (_, i) => 31 - i),
      0x113fdb5c,
    ],
    ["123456789", new TextEncoder().encode("123456789"), 0xe3069283],
  ];
  for (const [what, bytes, wanted] of cases) {
    it(`of ${what} is 0x${wanted.toString(16)}`, () => {
      assert.equal(crc32c(bytes), wanted);
    });
  }
});
