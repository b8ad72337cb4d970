import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { join } from "@std/path";
import { openGpu } from "../../gpu/device.ts";
import type { Network } from "../../gpu/nn/network.ts";
import type { HardestInBatch } from "../../gpu/ops/hardest_in_batch.ts";
import type { annealingCycles } from "../../pipeline/training/annealing.ts";
import * as schedule from "../../pipeline/training/schedule.ts";
import {
  compareLoss,
  lossCaseNames,
  type LossClass,
} from "../helpers/golden/golden_losses.ts";
import {
  compareDecayExemption,
  compareOptimizer,
  compareSchedules,
  type DecayTable,
  type OptimizerParts,
} from "../helpers/golden/golden_optimizer.ts";
import {
  compareTraining,
  openGoldenTraining,
} from "../helpers/golden/golden_training.ts";
import { compareAnnealingLadder } from "../helpers/pipeline/annealing_ladder.ts";
import { compareTiesAcrossTiles } from "../helpers/gpu/mining_ties.ts";
import { importMutated, type Mutation } from "../helpers/mutated_modules.ts";
import { GoldenFigures } from "../helpers/golden/network_golden.ts";
import { mutationCases, type MutationCheck } from "./mutation_cases.ts";

const gpu = await openGpu();
const losses = await GoldenFigures.open("losses");
const optimizer = await GoldenFigures.open("optimizer");
const training = await openGoldenTraining();

/** Per comparison the module that is imported with the change, and the comparison. */
const checks: Record<
  MutationCheck,
  {
    entry: string;
    unchanged: Mutation;
    compare(module: object): void | Promise<void>;
  }
> = {
  loss: {
    entry: "gpu/nn/training/descriptor_loss.ts",
    unchanged: unchanged("gpu/wgsl/loss/median.wgsl", "(params.n - 1u) / 2u"),
    async compare(module) {
      const { DescriptorLoss } = module as { DescriptorLoss: LossClass };
      for (const [batch, name] of lossCaseNames(losses)) {
        await compareLoss(losses, DescriptorLoss, gpu, batch, name);
      }
    },
  },
  tiles: {
    entry: "gpu/ops/hardest_in_batch.ts",
    unchanged: unchanged("gpu/wgsl/loss/hardest_negative.wgsl", "d < best"),
    async compare(module) {
      const mining = module as { HardestInBatch: typeof HardestInBatch };
      await compareTiesAcrossTiles(mining.HardestInBatch, gpu);
    },
  },
  optimizer: {
    entry: "gpu/ops/optimizers/adam.ts",
    unchanged: unchanged("gpu/wgsl/optimizer/adam.wgsl", "fma(-params.step_size,"),
    async compare(module) {
      const parts = module as Pick<OptimizerParts, "adamStep">;
      await compareOptimizer(optimizer, { ...schedule, ...parts }, gpu);
    },
  },
  schedule: {
    entry: "pipeline/training/schedule.ts",
    unchanged: unchanged("pipeline/training/schedule.ts", "maximum / 25"),
    compare(module) {
      const parts = module as Omit<OptimizerParts, "adamStep">;
      compareSchedules(optimizer, parts);
    },
  },
  decay: {
    entry: "gpu/nn/parameter_table.ts",
    unchanged: unchanged("gpu/nn/parameter_table.ts", "exempt.push({\n"),
    compare(module) {
      compareDecayExemption(module as DecayTable);
    },
  },
  ladder: {
    entry: "pipeline/training/annealing.ts",
    unchanged: unchanged("pipeline/training/annealing.ts", "(c + 1)"),
    compare(module) {
      const ladder = module as { annealingCycles: typeof annealingCycles };
      compareAnnealingLadder(ladder.annealingCycles);
    },
  },
  teacher: {
    entry: "gpu/nn/network.ts",
    unchanged: unchanged("gpu/nn/network.ts", "#describe(recorder, parameters, undroppedZ, inference)"),
    async compare(module) {
      const copy = module as { Network: typeof Network };
      await compareTraining(training, gpu, 1, copy.Network);
    },
  },
};

function unchanged(file: string, text: string): Mutation {
  return { file, from: text, to: text };
}

async function compareMutated(
  check: MutationCheck,
  mutation: Mutation,
): Promise<void> {
  const { entry, compare } = checks[check];
  const directory = await Deno.makeTempDir();
  try {
    const copies = join(directory, "copies");
    await compare(await importMutated<object>(entry, mutation, copies));
    gpu.assertHealthy();
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

describe("the golden comparisons", () => {
  for (const [check, { entry, unchanged }] of Object.entries(checks)) {
    it(`pass with an unchanged copy of ${entry}`, async () => {
      await compareMutated(check as MutationCheck, unchanged);
    });
  }
  for (const mutation of mutationCases) {
    it(`notice: ${mutation.what} (${mutation.file})`, async () => {
      await assert.rejects(
        compareMutated(mutation.check, mutation),
        assert.AssertionError,
      );
    });
  }
});
