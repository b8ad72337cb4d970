import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { workerFault } from "../../web/page/worker_channel.ts";

describe("workerFault", () => {
  it("tells a worker that could not be loaded, whose event has no message", () => {
    assert.match(workerFault({}), /could not be loaded/);
    assert.match(workerFault({ message: "" }), /could not be loaded/);
  });

  it("tells what went wrong in one that goes on", () => {
    const text = workerFault({ message: "TypeError: x is not a function" });
    assert.match(text, /TypeError: x is not a function/);
    assert.doesNotMatch(text, /ended|undefined|loaded/);
  });
});
