import type { RivalName } from "../../helpers/golden/paired_losses.ts";
import type { Mutation } from "../../helpers/mutated_modules.ts";

/** A constant or rule of a rival's loss, changed. */
export interface RivalMutation extends Mutation {
  what: string;
  /** the golden file that must notice it */
  rival: RivalName;
}

function casesOf(
  rival: RivalName,
  file: string,
  changes: [what: string, from: string, to: string][],
): RivalMutation[] {
  return changes.map(([what, from, to]) => ({ rival, file, what, from, to }));
}

const angles = "gpu/wgsl/loss/sdgmnet_angles.wgsl";
const weights = "gpu/wgsl/lib/sdgmnet.wgsl";
const secondOrder = "gpu/wgsl/second_order";

/** Every constant and rule of the rivals' losses, each changed by little. */
export const rivalMutations: readonly RivalMutation[] = [
  ...casesOf("hardnet", "gpu/wgsl/loss/hardnet.wgsl", [
    ["no margin", "params.margin + p - n", "p - n"],
    ["hinge always on", "violation <= 0.0 ||", ""],
    ["no gradient of the positives", "vec2<f32>(1.0 / p,", "vec2<f32>(0.0,"],
    ["gradient by the chord", "-1.0 / n)", "-1.0 / (n * n))"],
  ]),
  ...casesOf("hardnet", "gpu/ops/losses/hardnet_terms.ts", [
    ["sum over classes", "1 / (classCount * negNum)", "1 / negNum"],
  ]),
  ...casesOf("hardnet", "gpu/nn/training/descriptor_loss.ts", [
    ["negatives of both views", "otherViewNegatives === true", "false"],
  ]),
  ...casesOf("hardnet", "gpu/wgsl/loss/hardest_negative_tile.wgsl", [
    [
      "negatives of the own view",
      "!= vec4<u32>(j & 1u)",
      "== vec4<u32>(j & 1u)",
    ],
  ]),
  ...casesOf("sosnet", "gpu/wgsl/loss/sosnet.wgsl", [
    ["no margin", "params.margin + p - n", "p - n"],
    ["no square", "0.5 * slope * violation", "0.5 * slope"],
    ["half the slope", "select(2.0 * violation", "select(violation"],
  ]),
  ...casesOf("sosnet", "gpu/nn/losses.ts", [
    [
      "no second-order term",
      "isSum: true,\n    secondOrder: true,\n  },",
      "isSum: true,\n  },",
    ],
  ]),
  ...casesOf("sosnet", "gpu/ops/losses/second_order.ts", [
    ["seven neighbours", "neighbourCount = 8;", "neighbourCount = 7;"],
    ["nine neighbours", "neighbourCount = 8;", "neighbourCount = 9;"],
  ]),
  ...casesOf("sosnet", `${secondOrder}/neighbour_reach.wgsl`, [
    [
      "rows of LR for its columns",
      "(2u * n + j) * n + i, list == 3u",
      "(2u * n + i) * n + j, list == 3u",
    ],
    ["same patches are neighbours", "&& d > SAME_PATCH", ""],
  ]),
  ...casesOf("sosnet", "gpu/wgsl/lib/neighbours.wgsl", [
    ["neighbours one way round", "|| reaches(0u, j, i, left)", ""],
    ["no neighbours among the right views", "reaches(1u, i, j, right) ||", ""],
    ["same patches within reach", "d > SAME_PATCH && (", "("],
  ]),
  ...casesOf("sosnet", `${secondOrder}/second_order_roots.wgsl`, [
    ["no root", "sqrt(sum + SQUARE_EPSILON)", "(sum + SQUARE_EPSILON)"],
    ["sums unheeded in the loss", "terms[i].x += root;", "terms[i].x += 0.0 * root;"],
  ]),
  ...casesOf("sosnet", `${secondOrder}/second_order_coefficients.wgsl`, [
    ["gradient of one of two roots", " + 1.0 / roots[j]", ""],
    ["right views pulled along", "-kept / right", "kept / right"],
  ]),
  ...casesOf("sosnet", `${secondOrder}/second_order_gradient.wgsl`, [
    ["of the other view's rows", "2u * j + view, first", "2u * j, first"],
  ]),
  ...casesOf("hynet", "gpu/wgsl/loss/hynet.wgsl", [
    ["no margin", "params.margin + hybrid(p)", "hybrid(p)"],
    ["whole square", "0.5 * ALPHA * d, d, d", "ALPHA * d, d, d"],
    ["no slope of the square", "1.0 / p + ALPHA", "1.0 / p"],
    ["no lengths in the loss", "NORM_WEIGHT * apart, apart, loss", "0.0, 0.0, loss"],
    ["half the lengths' gradient", "2.0 * NORM_WEIGHT * apart *", "NORM_WEIGHT * apart *"],
    ["lengths pushed alike", "-norms.y / lengths.y", "norms.y / lengths.y"],
  ]),
  ...casesOf("hynet", "gpu/ops/losses/hynet_terms.ts", [
    ["alpha of 1.9", "alpha = 2;", "alpha = 1.9;"],
    ["lengths by 0.11", "normWeight = 0.1;", "normWeight = 0.11;"],
  ]),
  ...casesOf("sdgmnet", "gpu/ops/losses/sdgmnet_terms.ts", [
    ["weights of 1 for 12 %", "unweightedShare = 0.1;", "unweightedShare = 0.12;"],
    ["weights of 1 for 5 %", "unweightedShare = 0.1;", "unweightedShare = 0.05;"],
    ["positives by 0.91", "positiveShare = 0.9;", "positiveShare = 0.91;"],
    ["figures keep 0.998", "keep = 0.999;", "keep = 0.998;"],
  ]),
  ...casesOf("sdgmnet", "gpu/nn/losses.ts", [
    ["sums from 9999", "1e4, 1e4]", "9999, 1e4]"],
    ["mean difference from 0", "-1, -1, 1e4, 1e4", "0, -1, 1e4, 1e4"],
    ["negatives from 0.75 on", "late: 0.8253356149096783", "late: 0.7316888688738209"],
    ["near negatives for all steps", "until: 0.125", "until: 1"],
    ["no near negatives", "until: 0.125", "until: 0"],
  ]),
  ...casesOf("sdgmnet", angles, [
    ["deviation by the number of values", "(count - 1.0)", "count"],
    ["mean difference set by the first batch", "if (series < 2u) {", "if (true) {"],
    ["figures of the last batch", "fma(KEEP, running[at], REST * mean)", "mean"],
  ]),
  ...casesOf("sdgmnet", weights, [
    ["median for the 60 % quantile", "fma(QUANTILE, running[5], running[4])", "running[4]"],
    ["easy triplets for hard ones", "angles.x - angles.y >= bound", "angles.x - angles.y < bound"],
    ["no π/6", "vec2<f32>(0.52359878) +", ""],
    ["no half", "exp(-0.5 * apart", "exp(-apart"],
    ["coarse arc sine", "series = fma(series, z, 0.044647854);", ""],
  ]),
  ...casesOf("sdgmnet", "gpu/wgsl/loss/sdgmnet.wgsl", [
    ["slope of the chord", "inverseSqrt(vec2<f32>(1.0) - 0.25 * d * d)", "vec2<f32>(1.0)"],
    ["weights not scaled", "-1.0 / figures[7]", "-1.0"],
  ]),
];
