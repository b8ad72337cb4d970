import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { keys } from "../../../pipeline/commands/keys.ts";
import { parseCall } from "../../../pipeline/commands/arguments/parse_call.ts";
import { keyReference } from "../../../pipeline/config/reference.ts";
import { silentLog } from "../../../pipeline/log.ts";

async function printed(...args: string[]): Promise<string> {
  const lines: string[] = [];
  const call = parseCall(keys, args, {
    print: (text) => lines.push(text),
    log: () => silentLog,
    signal: new AbortController().signal,
  });
  assert.ok(typeof call === "object");
  assert.equal(await keys.run(call), 0);
  return lines.join("\n");
}

describe("keys", () => {
  it("explains a key: range, default, meaning and the authors' flag", async () => {
    assert.equal(
      await printed("stage1.lr"),
      `[stage1]  preliminary training with example difficulty balancing
  stage1.lr  learning rate; the largest of the one-cycle schedule
      may be   a number above 0
      default  0.0033
      authors  --lr`,
    );
  });

  it("explains a key of several sections, a section, and everything in a line each", async () => {
    assert.match(await printed("lr"), /stage1\.lr [^]*\n\n[^]*stage2\.lr /);
    assert.match(await printed("gpu"), /^\[gpu\] [^]*gpu\.activations /);
    const lines = (await printed()).split("\n");
    assert.ok(lines.some((line) => /^ {2}seed +every random/.test(line)));
    assert.ok(lines.every((line) => !/^ {6}default/.test(line)));
  });

  it("prints the page of all keys", async () => {
    assert.equal(`${await printed("--markdown")}\n`, keyReference());
  });

  it("guesses what was meant", async () => {
    await assert.rejects(printed("stage1.lrr"), {
      message:
        'Cannot explain a key: found "stage1.lrr", which no config has, wanted a key such as stage1.lr, or a section such as stage1; did you mean stage1.lr?',
    });
    await assert.rejects(printed("use_stb"), /did you mean use_stB\?$/);
  });
});
