import { describe, it } from "@std/testing/bdd";
import { openGpu } from "../../../gpu/device.ts";
import { DescriptorLoss } from "../../../gpu/nn/training/descriptor_loss.ts";
import {
  comparePairedLoss,
  openRival,
  PairedLossRun,
  referenceOf,
  rivalClasses,
  rivalNames,
} from "../../helpers/golden/paired_losses.ts";

const gpu = await openGpu();

for (const name of rivalNames) {
  const golden = await openRival(name);

  describe(`the losses of ${name} against PyTorch`, () => {
    it("agree as float64 twins", async () => {
      let running: ArrayLike<number> | undefined;
      await comparePairedLoss(golden, (rows, step) => {
        const result = referenceOf(rows, step, running);
        running = result.running;
        return { ...result, gradient: result.gradient.data };
      }, 1e-7);
    });

    it("agree on the GPU", async () => {
      using run = new PairedLossRun(gpu, DescriptorLoss, rivalClasses);
      await comparePairedLoss(golden, (rows, step) => run.step(rows, step));
    });
  });
}
