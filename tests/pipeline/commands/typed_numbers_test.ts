import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  realNumberFrom,
  wholeNumberFrom,
} from "../../../pipeline/commands/arguments/numbers.ts";
import { parseCall } from "../../../pipeline/commands/arguments/parse_call.ts";
import { match } from "../../../pipeline/commands/photographs/match.ts";
import {
  describingOf,
  matchingOf,
} from "../../../pipeline/commands/photographs/matching_flags.ts";
import { silentLog } from "../../../pipeline/log.ts";

describe("a number that was typed", () => {
  it("is decimal and has no sign", () => {
    assert.deepEqual(["0", "007", "4096"].map(wholeNumberFrom), [0, 7, 4096]);
    assert.deepEqual(
      ["3", "0.85", ".85", "3.", "1e-3", "2E2"].map(realNumberFrom),
      [3, 0.85, 0.85, 3, 0.001, 200],
    );
    const others = ["", " 5 ", "0x10", "0b11", "0o7", "-1", "+1", "1_000"];
    for (const text of [...others, "Infinity", "NaN", "1e", "five"]) {
      assert.ok(Number.isNaN(wholeNumberFrom(text)), text);
      assert.ok(Number.isNaN(realNumberFrom(text)), text);
    }
    for (const text of ["1.5", "2e3", "9007199254740993"]) {
      assert.ok(Number.isNaN(wholeNumberFrom(text)), text);
    }
  });
});

describe("what was typed for match", () => {
  /** Reads a call up to its options. */
  function read(...args: string[]): string {
    try {
      const call = parseCall(match, ["a.jpg", "b.jpg", ...args], {
        print() {},
        log: () => silentLog,
        signal: new AbortController().signal,
      });
      assert.ok(typeof call !== "string");
      return JSON.stringify({
        ...describingOf(call, "match"),
        ...matchingOf(call, "match"),
      });
    } catch (error) {
      return (error as Error).message;
    }
  }

  it("is taken as it stands", () => {
    assert.equal(
      read("--keypoints=300", "--ratio=.8", "--upright", "--inlier-pixels=2"),
      '{"upright":true,"most":300,"ratio":0.8,"inlierPixels":2}',
    );
    assert.equal(read("--upright=false"), '{"upright":false}');
    assert.equal(read("--upright=true"), '{"upright":true}');
  });

  it("is refused where it means something else, or nothing", () => {
    const refused: [typed: string, message: RegExp][] = [
      ["--keypoints=0x10", /found --keypoints 0x10, wanted a whole number of/],
      ["--keypoints=1.5", /found --keypoints 1\.5, wanted a whole number of/],
      ["--keypoints= 5 ", /found --keypoints {2}5 , wanted a whole number of/],
      ["--ratio=0b1", /found --ratio 0b1, wanted a number above 0, at most 1$/],
      ["--inlier-pixels=Infinity", /wanted a number above 0$/],
      ["--upright=no", /found --upright=no, wanted --upright alone, or noth/],
      ["--upright=0", /found --upright=0, wanted --upright alone, or nothing$/],
      ["--quiet=", /found --quiet=, wanted --quiet alone, or nothing$/],
    ];
    for (const [typed, message] of refused) {
      assert.match(read(typed), message, typed);
    }
  });
});
