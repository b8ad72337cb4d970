import { adamStep } from "../../ops/optimizers/adam.ts";
import type { OptimizerOperation } from "../../ops/optimizers/optimizer.ts";
import { sgdStep } from "../../ops/optimizers/sgd.ts";
import { torchAdamStep } from "../../ops/optimizers/torch_adam.ts";
import type { OptimizerName } from "../optimizers.ts";

/** What takes a step of each update rule. */
export const stepOfOptimizer: Readonly<
  Record<OptimizerName, OptimizerOperation>
> = {
  adam: adamStep,
  torch_adam: torchAdamStep,
  sgd: sgdStep,
};
