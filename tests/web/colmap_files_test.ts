import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { colmapNames } from "../../web/worker/colmap_files.ts";

describe("colmapNames", () => {
  it("leaves names without blanks as they are", () => {
    assert.deepEqual(colmapNames("a.jpg", "b.jpg"), ["a.jpg", "b.jpg"]);
  });

  it("puts _ in the place of blanks of every kind", () => {
    assert.deepEqual(
      colmapNames("my boats.jpg", "a\u00a0\tb.jpg"),
      ["my_boats.jpg", "a__b.jpg"],
    );
  });

  it("keeps two names different", () => {
    for (const right of ["a b.jpg", "a_b.jpg"]) {
      assert.deepEqual(
        colmapNames("a b.jpg", right),
        ["a_b.jpg", "right-a_b.jpg"],
      );
    }
  });
});
