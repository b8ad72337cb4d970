import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { stageKey } from "../../../pipeline/store/stage_key.ts";

/** The key of a stage that reads only these outside files. */
function keyOf(...paths: string[]): string {
  return stageKey({
    schema: 1,
    stage: "download",
    parameters: {},
    inputs: {},
    external: paths.map((path, i) => ({ path, digest: `digest ${i}` })),
    code: {},
    packages: {},
  });
}

describe("stageKey", () => {
  it("does not depend on where the outside files' folder is", () => {
    const here = keyOf("/home/a/sets/i_x/ref.png", "/home/a/sets/v_y/ref.png");
    const there = keyOf("/data/sets/i_x/ref.png", "/data/sets/v_y/ref.png");
    assert.equal(here, there);
  });

  it("depends on the folders below it, whose names become results", () => {
    const before = keyOf("/data/i_x/ref.png", "/data/v_y/ref.png");
    const renamed = keyOf("/data/i_z/ref.png", "/data/v_y/ref.png");
    assert.notEqual(before, renamed);
  });

  it("depends on the files' order and contents", () => {
    assert.notEqual(keyOf("/a/x", "/a/y"), keyOf("/a/y", "/a/x"));
    assert.notEqual(keyOf("/a/x"), keyOf("/a/x", "/a/y"));
  });
});
