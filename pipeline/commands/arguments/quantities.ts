/**
 * Sizes and ages as people type and read them.
 *
 * @module
 */
import { PipelineError } from "../../errors.ts";

const sizeUnits: Record<string, number> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

const hourMs = 3_600_000;
const ageUnits: Record<string, number> = {
  m: 60_000,
  h: hourMs,
  d: 24 * hourMs,
  w: 7 * 24 * hourMs,
};

/**
 * `20GB`, `1.5 GiB` or `1000B` as bytes; `flag` is named when it is none of these.
 *
 * @throws {PipelineError} for any other text, a bare number but 0 included: 20 would be twenty bytes, which nobody means
 */
export function parseSize(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-zA-Z]*)$/.exec(text.trim());
  const unit = match?.[2] || (Number(match?.[1]) === 0 ? "B" : "");
  const factor = sizeUnits[unit.toUpperCase()];
  if (match === null || factor === undefined) {
    throw unreadable(flag, text, "a size such as 20GB or 1.5GiB");
  }
  return Number(match[1]) * factor;
}

/**
 * `30d`, `12h`, `90m` or `2w` as milliseconds.
 *
 * @throws {PipelineError} for any other text
 */
export function parseAge(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([mhdw])$/.exec(text.trim());
  if (match === null) {
    throw unreadable(flag, text, "an age such as 30d, 12h or 2w");
  }
  return Number(match[1]) * ageUnits[match[2]];
}

function unreadable(flag: string, text: string, wanted: string): PipelineError {
  return new PipelineError({
    attempt: "run cache",
    found: `--${flag} ${text}`,
    wanted,
  });
}

/** `5 min`, `3 h`, `12 d`: how long ago something was. */
export function formatAge(ageMs: number): string {
  if (ageMs < hourMs) return `${Math.max(0, Math.round(ageMs / 60_000))} min`;
  if (ageMs < 48 * hourMs) return `${Math.round(ageMs / hourMs)} h`;
  return `${Math.round(ageMs / (24 * hourMs))} d`;
}
