import { describe, it } from "@std/testing/bdd";
import { openGpu } from "../../gpu/device.ts";
import { DescriptorLoss } from "../../gpu/nn/training/descriptor_loss.ts";
import { compareLoss, lossCaseNames } from "../helpers/golden/golden_losses.ts";
import { withOtherTiles } from "../helpers/gpu/gpu_op.ts";
import { GoldenFigures } from "../helpers/golden/network_golden.ts";

const golden = await GoldenFigures.open("losses");
const gpu = await openGpu();
const otherTiles = withOtherTiles(gpu);

describe("DescriptorLoss against PyTorch", () => {
  for (const [batch, name] of lossCaseNames(golden)) {
    it(`agrees on ${name} of the ${batch} batch`, async () => {
      await compareLoss(golden, DescriptorLoss, gpu, batch, name);
      await compareLoss(golden, DescriptorLoss, otherTiles, batch, name);
    });
  }
});
