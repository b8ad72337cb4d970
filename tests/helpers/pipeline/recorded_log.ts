import type { Log } from "../../../pipeline/log.ts";

/** A log that keeps its lines. */
export interface RecordedLog extends Log {
  readonly lines: string[];
  readonly warnings: string[];
}

export function recordedLog(): RecordedLog {
  const lines: string[] = [];
  const warnings: string[] = [];
  return {
    lines,
    warnings,
    info: (message) => void lines.push(message),
    warn: (message) => void warnings.push(message),
    progress: () => ({ update() {}, finish() {} }),
  };
}
