import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { waitingNote } from "../../../pipeline/training/timing.ts";

describe("the note on waiting for input", () => {
  it("is left out where there is nothing to mend, and has whole percent", () => {
    for (
      const [share, note] of [
        [0, undefined],
        [0.000005, undefined],
        [0.0099, undefined],
        [0.01, "1 %"],
        [0.126, "13 %"],
        [1, "100 %"],
      ] as const
    ) {
      assert.equal(
        waitingNote({ input_wait_share: share }),
        note && `${note} of the steps' time went into waiting for input`,
      );
    }
  });
});
