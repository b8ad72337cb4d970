import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { tryProtocol } from "../../helpers/pipeline/protocol_model.ts";

describe("planning, running and storing", () => {
  it("puts under a key what was made by it, whatever is edited meanwhile", async () => {
    let [stopped, records] = [0, 0];
    for (let seed = 0; seed < 12; seed++) {
      const tally = await tryProtocol(seed);
      stopped += tally.stopped;
      records += tally.records;
    }
    assert.ok(stopped > 5 && records > 20, `${stopped} and ${records}`);
  });
});
