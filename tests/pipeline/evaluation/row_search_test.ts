import assert from "node:assert/strict";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { evaluateDescriptors } from "../../../pipeline/evaluation/evaluate_descriptors.ts";
import { RowSearch } from "../../../pipeline/evaluation/row_search.ts";
import { silentLog } from "../../../pipeline/log.ts";

const golden = fileURLToPath(
  new URL("../../golden/evaluation", import.meta.url),
);

describe("RowSearch", () => {
  it("opens the GPU for work that is worth it alone", async () => {
    using little = await RowSearch.open("L2", 1e6);
    assert.equal(little.adapter, undefined);
    using much = await RowSearch.open("L2", 1e12);
    assert.ok(much.adapter!.length > 0);
  });

  for (const [name, norm] of [["duplicated", "L2"], ["tied", "L1"]] as const) {
    it(`gives the same figures to the bit on the GPU (${name}, ${norm})`, async () => {
      const folder = join(golden, name);
      const evaluate = (gpuMultiplyAdds: number) =>
        evaluateDescriptors({
          descriptorsDirectory: join(folder, "descriptors"),
          tasksDirectory: join(folder, "tasks"),
          splits: ["x"],
          tasks: ["matching", "retrieval"],
          retrievalCuts: [3, 8, 15, 1000],
          norm,
          gpuMultiplyAdds,
          log: silentLog,
        });
      const onGpu = await evaluate(0);
      assert.deepEqual(onGpu, await evaluate(Infinity));
      // Which includes how far ties decide them.
      assert.ok(onGpu.warnings.length > 0);
    });
  }
});
