import assert from "node:assert/strict";
import { parseArgs } from "@std/cli/parse-args";
import { describe, it } from "@std/testing/bdd";

describe("parseArgs", () => {
  it("tells positional arguments, switches and values apart", () => {
    assert.deepEqual(
      parseArgs(["a b.toml", "--set", "x=1", "--set=y=--z", "--json", "c"], {
        boolean: ["json", "help"],
        string: ["_", "set", "out"],
        collect: ["set"],
      }),
      { _: ["a b.toml", "c"], json: true, help: false, set: ["x=1", "y=--z"] },
    );
  });

  it("keeps the last of a value that is not collected", () => {
    const { out } = parseArgs(["--out", "a", "--out", "b"], {
      string: ["out"],
    });
    assert.equal(out, "b");
  });

  it("gives an empty text for a value that is missing", () => {
    assert.equal(parseArgs(["--out"], { string: ["out"] }).out, "");
    assert.equal(parseArgs(["--out", "--x"], { string: ["out"] }).out, "");
  });

  it("takes one-letter names and an explicit false", () => {
    const options = { boolean: ["help"], alias: { h: "help" } };
    assert.equal(parseArgs(["-h"], options).help, true);
    assert.equal(parseArgs(["--help=false"], options).help, false);
  });

  it("takes everything after -- as positional", () => {
    const { _, json } = parseArgs(["--", "--json"], { boolean: ["json"] });
    assert.deepEqual(_, ["--json"]);
    assert.equal(json, false);
  });

  it("asks about flags that are not declared", () => {
    const asked: unknown[] = [];
    const result = parseArgs(["--jsn", "--lr=3"], {
      unknown: (...args) => {
        asked.push(args);
        return false;
      },
    });
    assert.deepEqual(asked, [["--jsn", "jsn", undefined], ["--lr", "lr", "3"]]);
    assert.deepEqual(result, { _: [] });
  });

  it("keeps flags that are not declared when nobody is asked", () => {
    assert.deepEqual(parseArgs(["--x", "--y=1"]), { _: [], x: true, y: "1" });
  });
});
