import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { tryMisdeeds } from "../../helpers/pipeline/small/hostile_trial.ts";
import { hastyTimes } from "../../helpers/pipeline/small/remote.ts";

describe("a server of a shared cache that does its worst", () => {
  it("changes no result, leaves nothing, and holds nobody up", async () => {
    const tried = await tryMisdeeds(hastyTimes);
    assert.ok(tried >= 70, `${tried} misdeeds`);
  });
});
