/**
 * The pipeline: every stage, in the order in which they run.
 *
 * @module
 */
import type { Stage } from "./stage.ts";
import { download } from "./stages/download.ts";
import { evaluate } from "./stages/evaluate.ts";
import { extract } from "./stages/extract.ts";
import { stage1 } from "./stages/stage1.ts";
import { stage2 } from "./stages/stage2.ts";

/** All stages; each reads outputs of earlier ones only. */
export const stages: readonly Stage[] = [
  download,
  stage1,
  stage2,
  extract,
  evaluate,
];

/** Name of the stage whose figures are reported. */
export const evaluationStage = evaluate.name;
