import type { Mutation } from "../helpers/mutated_modules.ts";

/** Which golden comparison must notice a change. */
export type MutationCheck =
  | "loss"
  | "tiles"
  | "optimizer"
  | "schedule"
  | "decay"
  | "ladder"
  | "teacher";

/** A constant or rule of the method, changed. */
export interface MutationCase extends Mutation {
  what: string;
  check: MutationCheck;
}

function casesOf(
  check: MutationCheck,
  file: string,
  changes: [what: string, from: string, to: string][],
): MutationCase[] {
  return changes.map(([what, from, to]) => ({ check, file, what, from, to }));
}

/** A row of the table of losses from its name in the shader to its constant. */
function rowOf(shaderName: string, teacher: boolean, constant: number): string {
  return `"${shaderName}",\n    stage: 1,\n    needsTeacher: ${teacher},\n    constant: ${constant}`;
}

/** Every constant and rule of mining, losses, optimizer and schedules, each changed by little. */
export const mutationCases: readonly MutationCase[] = [
  ...casesOf("loss", "gpu/ops/hardest_in_batch.ts", [
    ["same patch below 0.0078", "Distance = 0.008;", "Distance = 0.0078;"],
    ["same patch below 0.0081", "Distance = 0.008;", "Distance = 0.0081;"],
  ]),
  ...casesOf("loss", "gpu/ops/losses/loss_terms.ts", [
    ["5e-7 under the root", "Epsilon = 1e-6;", "Epsilon = 5e-7;"],
    ["3e-6 under the root", "Epsilon = 1e-6;", "Epsilon = 3e-6;"],
  ]),
  ...casesOf("loss", "gpu/wgsl/loss/hardest_positive.wgsl", [
    ["last of equal positives", "d > best", "d >= best"],
  ]),
  ...casesOf("loss", "gpu/wgsl/loss/hardest_negative_tile.wgsl", [
    ["last of equal negatives", "(d < best[v])", "(d <= best[v])"],
    ["negatives of the own label", "(labels[v] != label) &", ""],
    ["negatives used again", "> floor_indices[v]", ">= floor_indices[v]"],
    ["twice the squared distance", "abs(2.0 *", "abs(4.0 *"],
  ]),
  ...casesOf("tiles", "gpu/wgsl/loss/hardest_negative.wgsl", [
    ["last of equal tiles", "d < best", "d <= best"],
  ]),
  ...casesOf("loss", "gpu/wgsl/loss/hardest_pair.wgsl", [
    ["last of equal positive rows", "[i] > positive", "[i] >= positive"],
    ["last of equal negative rows", "[i] < negative", "[i] <= negative"],
  ]),
  ...casesOf("loss", "gpu/wgsl/loss/median.wgsl", [
    ["upper median", "(params.n - 1u) / 2u", "params.n / 2u"],
    ["equal values share a rank", "| ((other == value) & (j < i))", ""],
  ]),
  ...casesOf("loss", "gpu/wgsl/loss/descriptor_loss.wgsl", [
    ["linear weight", "s * (2.0 - s)", "s"],
    ["parabola from below", "s * (2.0 - s)", "s * s"],
    ["no weight of 0", "{ weight = 0.0; }", "{}"],
    [
      "no weight of 1",
      "(level >= params.upper) { weight = 1.0; }",
      "(false) {}",
    ],
    [
      "equal thresholds unheeded",
      "(params.threshold == params.upper) { weight = 1.0; }",
      "(false) {}",
    ],
    [
      "A on the negatives",
      "medians[0], medians[1]",
      "medians[1], medians[0]",
    ],
    ["B for B/2", "0.5 * params.constant", "1.0 * params.constant"],
    ["no clamp", "select(b, half_bound, b > half_bound)", "b"],
    [
      "gradient beyond the clamp",
      "0.0, b > half_bound)",
      "0.0, b > 2.0 * half_bound)",
    ],
    ["B/2·b for B·b", "clamped - 2.0 * half", "clamped - half"],
    ["R unheeded", "params.positive_weight * a, a", "a, a"],
    [
      "R unheeded in the gradient",
      "2.0 * params.positive_weight * a",
      "2.0 * a",
    ],
    ["half the positive gradient", "weight * 2.0 * params", "weight * params"],
    ["half the negative gradient", "2.0 * (b - half", "(b - half"],
    ["annealing by the free b", "clamped - a;", "b - a;"],
    [
      "annealing from below",
      "level > params.threshold",
      "level < params.threshold",
    ],
    [
      "weighted triplet without weights",
      "if (KIND == WEIGHTED_TRIPLET) { weight = balance_weight(level); }",
      "",
    ],
    ["triplet without margin", "params.margin + a - b", "a - b"],
    [
      "unsigned distances",
      "level_distance[c].y - level",
      "level_distance[c].y + level",
    ],
  ]),
  ...casesOf("loss", "gpu/ops/losses/descriptor_loss_terms.ts", [
    ["sum over rounds", "1 / (classCount * options.negNum)", "1 / classCount"],
    ["sum over classes", "1 / (classCount * ", "1 / ("],
    ["A of 1", "{ f32: options.A }", "{ f32: 1 }"],
  ]),
  ...casesOf("loss", "gpu/nn/training/descriptor_loss.ts", [
    ["levels of the student", "Teacher ? teacher", "Teacher ? descriptors"],
    ["one round", "round < negNum", "round < 1"],
  ]),
  ...casesOf("loss", "gpu/nn/losses.ts", [
    ["4 for 5", rowOf("EXP_TEACHER", true, 5), rowOf("EXP_TEACHER", true, 4)],
    [
      "5 on the triplet loss",
      rowOf("TRIPLET", false, 0),
      rowOf("TRIPLET", false, 5),
    ],
    [
      "5 on the weighted triplet loss",
      rowOf("WEIGHTED_TRIPLET", true, 0),
      rowOf("WEIGHTED_TRIPLET", true, 5),
    ],
    [
      "weighted triplet without teacher",
      rowOf("WEIGHTED_TRIPLET", true, 0),
      rowOf("WEIGHTED_TRIPLET", false, 0),
    ],
  ]),
  ...casesOf("optimizer", "gpu/ops/optimizers/adam.ts", [
    ["eps 1.1e-5", "adamEpsilon = 1e-5", "adamEpsilon = 1.1e-5"],
    ["beta2 0.991", "squareMomentum = 0.99;", "squareMomentum = 0.991;"],
    ["no debias of m", "(1 - momentum ** step)", "1"],
    ["debias of m by 0.95", "(1 - momentum ** step)", "(1 - 0.95 ** step)"],
    ["no debias of v", "1 / (1 - squareMomentum ** step)", "1"],
    ["undamped gradient", "f32: 1 - momentum }", "f32: 1 }"],
    ["decay without rate", "learningRate * weightDecay", "weightDecay"],
    ["no decay", "learningRate * weightDecay", "0"],
  ]),
  ...casesOf("optimizer", "gpu/wgsl/optimizer/adam.wgsl", [
    [
      "eps under the root",
      "sqrt(v * params.unbias) + EPSILON",
      "sqrt(v * params.unbias + EPSILON)",
    ],
    [
      "eps before the debias",
      "sqrt(v * params.unbias) + EPSILON",
      "(sqrt(v) + EPSILON) * sqrt(params.unbias)",
    ],
    ["decay for all", "i < params.decayed_count", "true"],
    [
      "decay after the step",
      "fma(-params.step_size,",
      "fma(-params.step_size * (1.0 - select(0.0, params.decay, i < params.decayed_count)),",
    ],
    [
      "decay through the gradient",
      "let g = gradients[i];",
      "let g = gradients[i] + params.decay * values[i];",
    ],
  ]),
  ...casesOf("schedule", "pipeline/training/schedule.ts", [
    ["warm-up from max/24", "maximum / 25", "maximum / 24"],
    ["down to max/1e4", "maximum / 1e5", "maximum / 1e4"],
    ["warm-up of 26 %", "progress < 0.25", "progress < 0.26"],
    ["warm-up's pace", "progress / 0.25", "progress / 0.26"],
    ["cool-down's pace", "(progress - 0.25) / 0.75", "(progress - 0.25) / 0.8"],
    ["momentum from 0.96", "cosine(0.95, 0.85, t)", "cosine(0.96, 0.85, t)"],
    ["momentum down to 0.84", "cosine(0.95, 0.85, t)", "cosine(0.95, 0.84, t)"],
    ["momentum up from 0.84", "cosine(0.85, 0.95, t)", "cosine(0.84, 0.95, t)"],
    ["momentum up to 0.96", "cosine(0.85, 0.95, t)", "cosine(0.85, 0.96, t)"],
    [
      "straight ramps",
      "(1 - Math.cos(Math.PI * t)) * (end - start) / 2",
      "t * (end - start)",
    ],
    ["flat for 59 %", "progress < 0.6", "progress < 0.59"],
    ["flat cosine's pace", "(progress - 0.6) / 0.4", "(progress - 0.6) / 0.5"],
    ["flat cosine to rate/1e4", "rate / 1e5, (", "rate / 1e4, ("],
    ["flat momentum 0.91", "flatMomentum = 0.9;", "flatMomentum = 0.91;"],
  ]),
  ...casesOf("decay", "gpu/nn/parameter_table.ts", [
    [
      "β decays",
      "exempt.push({ name: `${frn}.bias`",
      "decayed.push({ name: `${frn}.bias`",
    ],
    [
      "conv biases decay",
      "exempt.push({\n      name",
      "decayed.push({\n      name",
    ],
    [
      "τ exempt",
      "decayed.push({ name: `${tlu}.tau`",
      "exempt.push({ name: `${tlu}.tau`",
    ],
    [
      "γ exempt",
      "decayed.push({ name: `${frn}.weight`",
      "exempt.push({ name: `${frn}.weight`",
    ],
  ]),
  ...casesOf("ladder", "pipeline/training/annealing.ts", [
    ["first batch 2944", "batch_step * (c + 1)", "batch_step * c"],
    ["a cycle less", "Math.floor((batch", "-1 + Math.floor((batch"],
    [
      "rate falls before the first cycle",
      "lr_factor ** c",
      "lr_factor ** (c + 1)",
    ],
    ["threshold falls", "threshold + stage2", "threshold - stage2"],
  ]),
  ...casesOf("teacher", "gpu/nn/network.ts", [
    [
      "teacher with dropout",
      "#describe(recorder, parameters, undroppedZ, inference)",
      "#describe(recorder, parameters, z, inference)",
    ],
    [
      "teacher with the batch's statistics",
      "this.#describe(recorder, parameters, undroppedZ, inference);",
      "batchStatistics(recorder, { z, statistics, running }, count);\n      this.#normalize(recorder, undroppedZ, inference);",
    ],
  ]),
];
