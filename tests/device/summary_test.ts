import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parts } from "./parts.ts";
import { type PartResult, summaryText } from "./summary.ts";

function result(part: string, changed: Partial<PartResult> = {}): PartResult {
  return { part, outcome: "done", seconds: 1.25, figures: {}, ...changed };
}

describe("the check's summary", () => {
  it("stands even when every part was cut before it said anything", () => {
    const text = summaryText(
      parts.map(({ name }) => result(name, { outcome: "cut" })),
    );
    for (const { name } of parts) {
      assert.match(
        text,
        new RegExp(`^\\| ${name} \\| cut \\(1\\.3 s\\) \\|`, "m"),
      );
    }
    assert.doesNotMatch(text, /undefined|NaN/);
  });

  it("tells twins that differ", () => {
    const figures = {
      identical: false,
      classes: 8,
      steps: 2,
      sha256: ["aa", "bb"],
    };
    const text = summaryText([
      result("twins", { outcome: "failed", exitCode: 1, figures }),
    ]);
    assert.match(
      text,
      /^\| twins \| failed: exit code 1 \(1\.3 s\) \| {2}\|$/m,
    );
    assert.match(text, /2 steps of 8 × 3, twice \| DIFFERENT bytes \|$/m);
  });

  it("gives the reason of what was skipped, and keeps to its columns", () => {
    const text = summaryText([
      result("torch", {
        outcome: "skipped",
        figures: { skipped: "no a|b" },
      }),
    ]);
    assert.equal(
      text.split("\n")[2],
      "| torch | skipped: no a\\|b (1.3 s) |  |",
    );
  });
});
