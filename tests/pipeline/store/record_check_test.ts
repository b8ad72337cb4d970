import assert from "node:assert/strict";
import { join } from "node:path";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { checkStore } from "../../../pipeline/store/store_check.ts";
import type { ActionRecord } from "../../../pipeline/store/action_record.ts";
import { checkedRecord } from "../../../pipeline/store/record_check.ts";
import { writeSealedJson } from "../../../pipeline/files/sealed_json.ts";
import { silentLog } from "../../../pipeline/log.ts";
import { Workspace } from "../../helpers/pipeline/small/workspace.ts";

/** What a server could make of a sound record; `file` is another sound file. */
// deno-lint-ignore no-explicit-any
const forgeries: Record<string, (record: any, file: any) => unknown> = {
  "a name outside the folder": (r, file) =>
    r.outputs.push({ ...file, path: "../../x" }),
  "an absolute name": (r, file) => r.outputs.push({ ...file, path: "/tmp/x" }),
  "a name with backslashes": (r, file) =>
    r.outputs.push({ ...file, path: "..\\x" }),
  "a name with NUL": (r, file) => r.outputs.push({ ...file, path: "a\0b" }),
  "a name with an escape sequence": (r, file) =>
    r.outputs.push({ ...file, path: "x\u001b]0;title\u0007" }),
  "a name that reads backwards": (r, file) =>
    r.outputs.push({ ...file, path: "a\u202eb" }),
  "half a character in a name": (r, file) =>
    r.outputs.push({ ...file, path: "x\ud800y" }),
  "a name too long": (r, file) =>
    r.outputs.push({ ...file, path: "n".repeat(256) }),
  "a name too long in bytes": (r, file) =>
    r.outputs.push({ ...file, path: "é".repeat(128) }),
  "a path too long": (r, file) =>
    r.outputs.push({ ...file, path: "abc/".repeat(300) + "x" }),
  "a name twice": (r) => r.outputs.push({ ...r.outputs[0] }),
  "a file where another needs a folder": (r, file) =>
    r.outputs.push({ ...file, path: `${r.outputs[0].path}/below` }),
  "200,000 names": (r, file) => {
    for (let i = 0; i < 200_000; i++) {
      r.outputs.push({ ...file, path: `m${i}` });
    }
  },
  "a size beyond any disk": (r) => r.outputs[0].sizeBytes = 2 ** 53 - 1,
  "a size that is no number": (r) => r.outputs[0].sizeBytes = "1",
  "a digest that is none": (r) => r.outputs[0].digest = "../../x",
  "one more fact of an output": (r) => r.outputs[0].mode = 0o777,
  "no outputs": (r) => delete r.outputs,
  "outputs that are no list": (r) => r.outputs = { length: 0 },
  "no provenance": (r) => delete r.provenance,
  "provenance that is nothing": (r) => r.provenance = null,
  "times, reasons and acceptances of other types": (r) =>
    r.provenance = {
      ...r.provenance,
      wallTimeSeconds: "<img src=x>",
      reasons: 5,
      accepted: {},
    },
  "a name of a config that is a list": (r) => r.provenance.config = ["x"],
  "an adapter nested without end": (r) => {
    for (let i = 0; i < 1000; i++) {
      r.provenance.adapter = { in: r.provenance.adapter };
    }
  },
  "an unknown fact nested without end": (r) => {
    r.provenance.deep = [];
    for (let i = 0; i < 1000; i++) r.provenance.deep = [r.provenance.deep];
  },
  "facts of another key": (r) => r.facts.parameters.x = 1,
  "inputs that are no digests": (r) => r.facts.inputs.x = { y: "z" },
  "one more kind of fact": (r) => r.facts.more = {},
  "another key": (r) => r.key = "0".repeat(64),
};

describe("a record", () => {
  let record: ActionRecord;
  beforeEach(async () => {
    using workspace = new Workspace();
    const { stages } = await workspace.run();
    record = workspace.store().readRecord(stages[1].key)!;
  });
  const parsed = (text: string) => JSON.parse(text);

  it("passes as it is, without what it does not consist of", () => {
    assert.deepEqual(checkedRecord({ ...record }, record.key), record);
    const more = parsed(
      JSON.stringify(record).replace("{", '{"__proto__":{"outputs":[]},"x":1,'),
    );
    assert.deepEqual(checkedRecord(more, record.key), record);
  });

  for (const [name, forge] of Object.entries(forgeries)) {
    it(`does not pass with ${name}`, () => {
      const forged = parsed(JSON.stringify(record));
      forge(forged, { ...record.outputs[0] });
      assert.equal(checkedRecord(forged, record.key), undefined);
    });
  }
});

describe("a record of another shape in the local store", () => {
  it("counts as never computed, and is what verifying finds", async () => {
    using workspace = new Workspace();
    const { stages } = await workspace.run();
    const { key } = stages[1];
    const path = join(
      workspace.storeDirectory,
      "actions",
      key.slice(0, 2),
      `${key}.json`,
    );
    const { provenance: _gone, ...rest } = workspace.store().readRecord(key)!;
    const signal = new AbortController().signal;
    await writeSealedJson(path, rest);
    const check = await checkStore(workspace.store(), {
      log: silentLog,
      signal,
    });
    assert.deepEqual(check.damagedRecords, [key]);
    await writeSealedJson(path, rest);
    await workspace.run();
    assert.deepEqual(workspace.ran, ["total"]);
  });

  it("counts as never computed when it lacks a file that its stage writes", async () => {
    using workspace = new Workspace();
    await workspace.run();
    const [numbers, total, report] = workspace.stages();
    const stages = [
      numbers,
      { ...total, outputs: () => ["total.txt", "more/"] },
      report,
    ];
    assert.equal((await workspace.plan(stages)).fresh, true);
    stages[1] = { ...total, outputs: () => ["total.txt", "other.txt"] };
    assert.equal((await workspace.plan(stages)).stages[1].state, "stale");
    stages[1] = { ...total, outputs: () => ["more/"] };
    assert.equal((await workspace.plan(stages)).stages[1].state, "stale");
    await assert.rejects(
      workspace.run({ stages }),
      /^Error: stage total does not declare output total\.txt$/,
    );
  });
});
