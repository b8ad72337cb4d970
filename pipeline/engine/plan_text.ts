/**
 * Plans and reasons as lines of text.
 *
 * @module
 */
import { requireParts } from "../config/arguments.ts";
import type { Plan, StagePlan } from "./planner.ts";
import type { Reason } from "./reasons.ts";
import type { Json } from "../files/json.ts";

/** Longest value that is printed in full, in characters. */
const longestValue = 60;

/** One reason in one line: `params.lr 0.0033 → 0.005`, `code: gpu/ops/optimizers/adam.ts`, `depends on stage1`. */
export function formatReason(reason: Reason): string {
  requireParts(reason, {
    attempt: "print a reason",
    where: "reason",
    wanted: "a reason of a stage's plan",
  }, { kind: (kind) => typeof kind === "string" });
  const { field } = reason;
  switch (reason.kind) {
    case "never-ran":
      return "never ran";
    case "schema":
      return `${field} ${values(reason)}`;
    case "parameter":
      return `params.${field} ${values(reason)}`;
    case "input":
      return `input ${field} ${digests(reason)}`;
    case "external":
      return `file ${field} ${digests(reason)}`;
    case "code":
      return change(reason) === "changed"
        ? `code: ${field} ${digests(reason)}`
        : `code: ${field} (${change(reason)})`;
    case "package":
      return `package ${field} ${values(reason)}`;
    case "output":
      return `output ${reason.new}: ${field}`;
    case "upstream":
      return `depends on ${field}`;
  }
}

/** The first three reasons, and how many more there are. */
export function briefReasons(reasons: readonly string[]): string {
  const more = reasons.length - 3;
  return reasons.slice(0, 3).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/**
 * One line per stage, `stage1    stale    params.lr 0.0033 → 0.005`; the first reason stands on the stage's own line, the
 * others below when `all` is set and as a count when not.
 */
export function formatPlan(plan: Plan, all = false): string[] {
  requireParts(plan, {
    attempt: "print a plan",
    where: "plan",
    wanted: "what plan() resolves to, after await",
  }, { stages: Array.isArray });
  const width = Math.max(0, ...plan.stages.map(({ stage }) => stage.length));
  return plan.stages.flatMap((stage) => {
    const lines = stageLines(stage);
    const shown = all || lines.length < 2
      ? lines
      : [`${lines[0]} (and ${lines.length - 1} more)`];
    const head = `${stage.stage.padEnd(width)}  ${stage.state.padEnd(7)}  `;
    return [
      (head + (shown[0] ?? "")).trimEnd(),
      ...shown.slice(1).map((line) => " ".repeat(head.length) + line),
    ];
  });
}

function stageLines(stage: StagePlan): string[] {
  const lines = stage.reasons.map(formatReason);
  if (stage.sharedWith !== null) {
    lines.unshift(`shared with ${stage.sharedWith}`);
  }
  if (stage.accepted) lines.push("accepted from other code");
  if (stage.restores.length > 0) {
    const [first] = stage.restores;
    const others = stage.restores.length - 1;
    lines.push(
      `to restore: ${first}${others > 0 ? ` and ${others} more` : ""}`,
    );
  }
  return lines;
}

function change(reason: Reason): "added" | "removed" | "changed" {
  if (reason.old === null) return "added";
  return reason.new === null ? "removed" : "changed";
}

/** `1f2e3d4c → 5b6a7988`: enough of two digests to tell them apart, and to find them in a record. */
function digests(reason: Reason): string {
  const { old, new: now } = reason;
  if (typeof old !== "string" || typeof now !== "string") return change(reason);
  return `${old.slice(0, 8)} → ${now.slice(0, 8)}`;
}

function values(reason: Reason): string {
  return `${value(reason.old)} → ${value(reason.new)}`;
}

function value(json: Json): string {
  const text = json === null ? "(none)" : JSON.stringify(json);
  return text.length <= longestValue
    ? text
    : `${text.slice(0, longestValue - 1)}…`;
}
