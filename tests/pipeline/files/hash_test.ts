import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "@std/testing/bdd";
import {
  canonicalJson,
  sha256,
  sha256File,
  sha256Json,
} from "../../../pipeline/files/hash.ts";
import type { Json } from "../../../pipeline/files/json.ts";

describe("canonicalJson", () => {
  it("sorts keys at every depth and leaves out white space", () => {
    assert.equal(
      canonicalJson({ b: [1, { d: null, c: "x y" }], a: true }),
      '{"a":true,"b":[1,{"c":"x y","d":null}]}',
    );
  });

  it("orders keys by code units, not by a language's rules", () => {
    assert.equal(canonicalJson({ é: 1, z: 2, Z: 3 }), '{"Z":3,"z":2,"é":1}');
  });

  it("prints numbers as ECMAScript does", () => {
    assert.equal(
      canonicalJson([1.0, -0, 1e21, 1.5e-6, 0.1]),
      "[1,0,1e+21,0.0000015,0.1]",
    );
  });

  it("refuses what JSON cannot hold, so that no two values share a text", () => {
    for (const value of [NaN, Infinity, { a: undefined }, [() => 1]]) {
      assert.throws(() => canonicalJson(value as Json), TypeError);
    }
  });
});

describe("sha256", () => {
  it("gives the standard's digests for texts and bytes", () => {
    const digest =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert.equal(sha256("abc"), digest);
    assert.equal(sha256(new TextEncoder().encode("abc")), digest);
    assert.equal(sha256Json({}), sha256("{}"));
  });

  it("hashes a file larger than its buffer like its bytes", async () => {
    const root = Deno.makeTempDirSync();
    try {
      const path = join(root, "file");
      const bytes = Uint8Array.from({ length: 2_500_001 }, (_, i) => i * 31);
      Deno.writeFileSync(path, bytes);
      assert.deepEqual(await sha256File(path), {
        digest: sha256(bytes),
        sizeBytes: 2_500_001,
      });
    } finally {
      Deno.removeSync(root, { recursive: true });
    }
  });
});
