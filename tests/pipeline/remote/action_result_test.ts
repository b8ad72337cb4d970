import assert from "node:assert/strict";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { ProtobufWriter } from "../../../data/protobuf/protobuf_writer.ts";
import { protobufFields } from "../../../data/protobuf/protobuf_reader.ts";
import {
  decodeActionResult,
  encodeActionResult,
  signedParts,
} from "../../../pipeline/remote/action_result.ts";
import type { ActionRecord } from "../../../pipeline/store/action_record.ts";
import { sealJson } from "../../../pipeline/files/sealed_json.ts";
import { Workspace } from "../../helpers/pipeline/small/workspace.ts";

/** A record with two outputs, as a run leaves it. */
async function recordOfRun(): Promise<ActionRecord> {
  using workspace = new Workspace();
  const { stages } = await workspace.run();
  return workspace.store().readRecord(stages[0].key)!;
}

/** The message of a record whose JSON text is sealed as it should be, whatever it says. */
function sealed(record: unknown): Uint8Array {
  return new ProtobufWriter()
    .text(5, sealJson(record as ActionRecord))
    .finish();
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

describe("an action result", () => {
  let record: ActionRecord;
  beforeEach(async () => {
    record = await recordOfRun();
  });

  it("is the record again when it is read", () => {
    assert.equal(record.outputs.length, 2);
    const bytes = encodeActionResult(record);
    assert.deepEqual(decodeActionResult(bytes, record.key), record);
  });

  it("is laid out as the Remote Execution API wants it", () => {
    // protoc 3.21: output_files { path: "a/b" digest { hash: "<64 times 7>" size_bytes: 300 } }, stdout_raw,
    // execution_metadata { worker: "self-tnet" }
    const small = {
      ...record,
      outputs: [{ path: "a/b", digest: "7".repeat(64), sizeBytes: 300 }],
    };
    const text = new TextEncoder().encode(sealJson(small));
    const bytes = encodeActionResult(small);
    assert.equal(
      hex(bytes.subarray(0, 78)),
      "124c0a03612f6212450a40" + "37".repeat(64) + "10ac02",
    );
    const [, output] = protobufFields(bytes, "an action result");
    assert.equal(output.field, 5);
    assert.deepEqual(output.bytes, text);
    assert.equal(hex(bytes.subarray(-13)), "4a0b0a0973656c662d746e6574");
  });

  it("is still read after a server has put its fields in another order and added some", () => {
    const bytes = new ProtobufWriter()
      .message(9, (metadata) => metadata.text(1, "somebody").text(20, "new"))
      .text(5, sealJson(record))
      .integer(4, 0)
      .finish();
    assert.deepEqual(decodeActionResult(bytes, record.key), record);
  });

  it("is never read wrongly when bits are flipped or its end is missing", () => {
    const good = encodeActionResult(record);
    let refused = 0;
    for (let at = 0; at < good.length; at++) {
      const flipped = good.slice();
      flipped[at] ^= 1 << at % 8;
      for (const bytes of [flipped, good.subarray(0, at)]) {
        const read = decodeActionResult(bytes, record.key);
        if (read === undefined) refused++;
        else assert.deepEqual(read, record); // what no reader looks at
      }
    }
    assert.ok(refused > 1.5 * good.length, `${refused} of ${2 * good.length}`);
  });

  it("is refused before its fields take more memory than its bytes", () => {
    // Fields of 8 bytes each: seven million of them.
    const bytes = new Uint8Array(63 << 20).fill(65);
    const before = Deno.memoryUsage().heapUsed;
    assert.equal(decodeActionResult(bytes, record.key), undefined);
    assert.deepEqual(signedParts(bytes), {});
    assert.ok(Deno.memoryUsage().heapUsed - before < 200 << 20);
  });

  it("is refused when it is about another key", () => {
    const other = "0".repeat(64);
    assert.equal(
      decodeActionResult(encodeActionResult(record), other),
      undefined,
    );
    const lying = sealed({ ...record, key: other });
    assert.equal(decodeActionResult(lying, other), undefined);
  });

  it("is refused when it would write outside a stage's folder, or twice", () => {
    const [{ digest, sizeBytes }] = record.outputs;
    for (
      const path of [
        "../x",
        "a/../../x",
        "/etc/x",
        "",
        "a//b",
        "a/",
        ".",
        "a\\b",
        "a\0b",
        7,
      ]
    ) {
      const bytes = sealed({
        ...record,
        outputs: [{ path, digest, sizeBytes }],
      });
      assert.equal(decodeActionResult(bytes, record.key), undefined);
    }
    const twice = [record.outputs[0], record.outputs[0]];
    assert.equal(
      decodeActionResult(sealed({ ...record, outputs: twice }), record.key),
      undefined,
    );
  });

  it("is refused when its digests, sizes or shape are none", () => {
    const [output] = record.outputs;
    const wrong: unknown[] = [
      { ...record, outputs: [{ ...output, digest: "../../x" }] },
      { ...record, outputs: [{ ...output, sizeBytes: -1 }] },
      { ...record, outputs: [{ ...output, sizeBytes: "1" }] },
      { ...record, outputs: undefined },
      { ...record, facts: null },
      { key: record.key },
    ];
    for (const content of wrong) {
      assert.equal(decodeActionResult(sealed(content), record.key), undefined);
    }
  });
});
