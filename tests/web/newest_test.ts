import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Newest } from "../../web/page/newest.ts";

describe("Newest", () => {
  it("holds for what was begun last", () => {
    const newest = new Newest();
    const isFirst = newest.begin();
    assert.ok(isFirst());
    const isSecond = newest.begin();
    assert.deepEqual([isFirst(), isSecond()], [false, true]);
  });
});
