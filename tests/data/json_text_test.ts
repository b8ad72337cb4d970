import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { JsonExcess, parseJson } from "../../data/json_text.ts";
import { parseCheckpoint } from "../../data/mod.ts";
import { parseSplits } from "../../data/published/hpatches_tasks.ts";
import { readJsonFile } from "../../pipeline/files/regular_file.ts";
import { uniform } from "../../data/random.ts";

/** A JSON text of random shape, with brackets and quotes in its texts. */
function randomJson(seed: number): string {
  let draws = 0;
  const draw = (count: number) =>
    Math.floor(count * uniform(seed, "json", draws++));
  const value = (depth: number): unknown => {
    const kind = draw(depth === 0 ? 3 : 5);
    if (kind === 0) return draw(1000) / 7;
    if (kind === 1) return [true, false, null][draw(3)];
    if (kind === 2) return '[{"\\,]}\u2028'.slice(draw(4), 4 + draw(5));
    const items = Array.from({ length: draw(4) }, () => value(depth - 1));
    return kind === 3 ? items : Object.fromEntries(
      items.map((item, index) => [`${index}"]\\`, item]),
    );
  };
  return JSON.stringify(value(4), null, draw(3));
}

describe("JSON from anywhere", () => {
  it("is read as JSON.parse reads it", () => {
    for (let seed = 0; seed < 500; seed++) {
      const text = randomJson(seed);
      assert.deepEqual(parseJson(text), JSON.parse(text), text);
      const cut = text.slice(0, -1);
      if (/^[[{]/.test(text)) assert.throws(() => parseJson(cut), SyntaxError);
    }
    assert.equal(parseJson(JSON.stringify("[".repeat(1e6))), "[".repeat(1e6));
    assert.equal((parseJson(`[${"0,".repeat(1e6)}0]`) as []).length, 1e6 + 1);
  });

  it("is refused unread where it would take gigabytes or be nested without end", () => {
    const refused = (text: string, message: RegExp) =>
      assert.throws(() => parseJson(text), (error: Error) => {
        assert.ok(error instanceof JsonExcess);
        assert.match(error.message, message);
        return true;
      });
    refused(`[${"[],".repeat(3e6)}0]`, /^more than 2000000 values$/);
    refused(`{${'"a":0,'.repeat(3e6)}"a":0}`, /^more than 2000000 values$/);
    refused("[".repeat(3e6), /^values nested more than 100 deep$/);
    refused('{"":'.repeat(3e6), /^values nested more than 100 deep$/);
  });

  it("is told of as such by whoever reads it", () => {
    const deep = '{"a":' + "[".repeat(200) + "]".repeat(200) + "}";
    const header = new TextEncoder().encode(deep);
    const file = new Uint8Array(8 + header.length);
    new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
    file.set(header, 8);
    assert.throws(
      () => parseCheckpoint(file, "x.safetensors"),
      /^DataError: Cannot read safetensors: x\.safetensors: found a header with values nested more than 100 deep, wanted no more than a network needs; save the network's weights alone$/,
    );
    assert.throws(
      () => parseSplits(deep, "splits.json"),
      /^DataError: Cannot read the splits: splits\.json: found values nested more than 100 deep, wanted /,
    );
    const path = Deno.makeTempFileSync();
    try {
      Deno.writeTextFileSync(path, deep);
      assert.throws(
        () => readJsonFile(path),
        /^WrongKindOfFile: values nested more than 100 deep$/,
      );
    } finally {
      Deno.removeSync(path);
    }
  });
});
