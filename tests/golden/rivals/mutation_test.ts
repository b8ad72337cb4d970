import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openGpu } from "../../../gpu/device.ts";
import { importMutated, type Mutation } from "../../helpers/mutated_modules.ts";
import {
  comparePairedLoss,
  type LossClass,
  openRival,
  PairedLossRun,
  rivalClasses,
  type RivalName,
  rivalNames,
} from "../../helpers/golden/paired_losses.ts";
import { rivalMutations } from "./mutation_cases.ts";

const gpu = await openGpu();

/** Compares a copy of the program with one change with a golden file. */
async function compareMutated(
  rival: RivalName,
  mutation: Mutation,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const { DescriptorLoss } = await importMutated<
      { DescriptorLoss: LossClass }
    >("gpu/nn/training/descriptor_loss.ts", mutation, folder);
    using run = new PairedLossRun(gpu, DescriptorLoss, rivalClasses);
    await comparePairedLoss(
      await openRival(rival),
      (rows, step) => run.step(rows, step),
    );
    gpu.assertHealthy();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

describe("the golden comparisons of the rivals' losses", () => {
  for (const rival of rivalNames) {
    it(`pass with an unchanged copy: ${rival}`, async () => {
      const from = "params.n - 1u) / 2u";
      const file = "gpu/wgsl/loss/median.wgsl";
      await compareMutated(rival, { file, from, to: from });
    });
  }
  for (const mutation of rivalMutations) {
    it(`notice: ${mutation.what} (${mutation.file})`, async () => {
      await assert.rejects(
        compareMutated(mutation.rival, mutation),
        assert.AssertionError,
      );
    });
  }
});
