import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { MistakeCollector } from "../../../pipeline/evaluation/hardest_mistakes.ts";
import { nearestRows } from "../../../pipeline/metrics/matching.ts";

const rows = (...values: number[]) => ({
  values: Float32Array.from(values),
  dimension: 1,
});

function look(
  collector: MistakeCollector,
  sequence: string,
  image: number,
  reference: ReturnType<typeof rows>,
  other: ReturnType<typeof rows>,
  norm: "L2" | "L1",
) {
  const figure = { value: 0, low: 0, high: 0 };
  const nearest = nearestRows(reference, other, norm);
  const noise = "hard" as const;
  collector.onMatching({
    sequence,
    noise,
    image,
    figure,
    nearest,
    reference,
    other,
  });
}

describe("MistakeCollector", () => {
  it("ranks wrong matches by how much nearer they are, in distances", () => {
    for (const norm of ["L2", "L1"] as const) {
      const collector = new MistakeCollector(norm);
      // Patch 0 takes patch 1 (distance 1 for 4), patch 1 takes patch 0 (6 for 9); patch 2 is right.
      look(collector, "i_a", 3, rows(0, 10, 50), rows(4, 1, 50), norm);
      // Patch 0 takes patch 1, 2 for 30.
      look(collector, "v_b", 1, rows(0, 25), rows(30, 2), norm);
      const found = collector.hardest(3);
      assert.deepEqual(found.map(({ sequence }) => sequence), [
        "v_b",
        "v_b",
        "i_a",
      ]);
      assert.deepEqual(found[0], {
        sequence: "v_b",
        noise: "hard",
        image: 1,
        patch: 0,
        taken: 1,
        rightDistance: 30,
        takenDistance: 2,
      });
      assert.equal(found[1].rightDistance - found[1].takenDistance, 18);
    }
  });

  it("names a patch once, at its worst image, and two of a sequence at most", () => {
    const collector = new MistakeCollector("L1");
    const reference = rows(0, 100, 200);
    look(collector, "i_a", 1, reference, rows(40, 10, 200), "L1");
    look(collector, "i_a", 2, reference, rows(90, 10, 30), "L1");
    const found = collector.hardest(9);
    assert.equal(found.length, 2);
    assert.deepEqual(new Set(found.map(({ patch }) => patch)).size, 2);
    assert.ok(found.every(({ image }) => image === 2));
  });

  it("finds none where all is right", () => {
    const collector = new MistakeCollector("L2");
    look(collector, "i_a", 1, rows(0, 5), rows(0, 5), "L2");
    assert.deepEqual(collector.hardest(5), []);
  });
});
