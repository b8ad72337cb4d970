import { isUserError } from "./errors.ts";

/** How a command ended, in a form that passes from thread to thread. */
export type CommandEnd =
  | { kind: "done"; code: number }
  | { kind: "interrupted" }
  /** something that the user can mend, told in `message` */
  | { kind: "refused"; message: string }
  /** a bug of this program */
  | { kind: "broken"; stack: string };

/**
 * Does the work of a command and says how it ended; never throws.
 *
 * @param signal what interrupts it: throwing its reason is how work gives in to it
 * @param work gives the exit code, or an end that came about elsewhere
 */
export async function endOf(
  signal: AbortSignal,
  work: () => Promise<number | CommandEnd>,
): Promise<CommandEnd> {
  try {
    const result = await work();
    return typeof result === "number" ? { kind: "done", code: result } : result;
  } catch (error) {
    if (signal.aborted && error === signal.reason) {
      return { kind: "interrupted" };
    }
    return isUserError(error)
      ? { kind: "refused", message: error.message }
      : brokenBy(error);
  }
}

/** The end that a thrown value brings which nobody expected. */
export function brokenBy(error: unknown): CommandEnd {
  const stack = error instanceof Error && error.stack || String(error);
  return { kind: "broken", stack };
}
