/**
 * File system failures as errors a user can act upon.
 *
 * @module
 */
import { brokenLink } from "../../data/link_targets.ts";
import { PipelineError } from "../errors.ts";

/** What the operating system's error codes mean, and what helps. */
const meanings: Record<string, { found: string; remedy: string }> = {
  EACCES: { found: "no permission", remedy: "change its permissions" },
  EPERM: { found: "no permission", remedy: "change its permissions" },
  EROFS: {
    found: "a read-only file system",
    remedy: "run in a directory that can be written",
  },
  ENOSPC: { found: "a full disk", remedy: "free some space and run again" },
  EDQUOT: {
    found: "a disk quota used up",
    remedy: "free some space and run again",
  },
  EFBIG: {
    found: "a file larger than is allowed",
    remedy: "raise `ulimit -f` and run again",
  },
  ENOTDIR: {
    found: "a file in place of a directory",
    remedy: "move that file away",
  },
  EEXIST: {
    found: "a file in place of a directory",
    remedy: "move that file away",
  },
  EISDIR: {
    found: "a directory in place of a file",
    remedy: "move that directory away",
  },
  ENOENT: { found: "no such file or directory", remedy: "check the path" },
  EMFILE: { found: "too many open files", remedy: "raise `ulimit -n`" },
  ENAMETOOLONG: { found: "a name too long", remedy: "choose a shorter name" },
  ENOTEMPTY: {
    found: "a directory that another process writes to",
    remedy: "run again when that process has ended",
  },
  ELOOP: { found: "links in a circle", remedy: "remove them" },
  ESTALE: {
    found: "a file that the file server has forgotten",
    remedy: "run again",
  },
  ENFILE: {
    found: "too many open files on this machine",
    remedy: "close other programs",
  },
  EIO: { found: "a failing device", remedy: "check the disk" },
};

/**
 * Runs `action`; a failure of the file system becomes a {@linkcode PipelineError} that says what was attempted where. Every
 * other error passes unchanged.
 */
export async function withFileErrors<T>(
  attempt: string,
  where: string,
  action: () => T | Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw fileError(error, attempt, where);
  }
}

/** The {@linkcode PipelineError} for a file system failure; any other value is returned as it is. */
export function fileError(
  error: unknown,
  attempt: string,
  where: string,
): unknown {
  if (!(error instanceof Error) || error instanceof PipelineError) return error;
  if (error instanceof Deno.errors.NotCapable) {
    return new PipelineError({
      attempt,
      where,
      found: "no permission from Deno",
      remedy: "start it through its task, or allow the path",
    }, { cause: error });
  }
  const code = errorCode(error);
  if (code === undefined || !(code in meanings)) return error;
  const { found, remedy } = meanings[code];
  return new PipelineError({
    attempt,
    where,
    found: brokenLink(error) ?? found,
    remedy,
  }, { cause: error });
}

/** What a failure of the file system found, in words; of any other thrown value its message. */
export function fileFault(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) return "no permission from Deno";
  const code = errorCode(error);
  if (code !== undefined && code in meanings) {
    return brokenLink(error) ?? meanings[code].found;
  }
  // Deno ends its messages with the call and the path.
  return error instanceof Error
    ? error.message.replace(/( \(os error \d+\))?(: \w+ '[^']*')*$/, "")
    : String(error);
}

/** Numbers of error codes that are the same everywhere but on Windows, for failures that reach us without the code. */
const codesByNumber: Record<string, string> = {
  5: "EIO",
  18: "EXDEV",
  24: "EMFILE",
  27: "EFBIG",
  28: "ENOSPC",
  30: "EROFS",
};

/** `ENOSPC` for a full disk; undefined when a thrown value is no failure of the operating system. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { code?: unknown };
  if (typeof code === "string") return code;
  const number = /\(os error (\d+)\)/.exec(error.message)?.[1];
  return number === undefined ? undefined : codesByNumber[number];
}

/**
 * What nobody caught on its way, as an error that a user can act upon where the surroundings are to blame: files that may not
 * be read, were removed in mid-run or are of another kind, limits, and too little memory. Any other value is returned as it is.
 */
export function surroundingsError(error: unknown): unknown {
  // A permission that a task does not give is a fault of the task.
  if (error instanceof Deno.errors.NotCapable) return error;
  if (error instanceof RangeError && /allocation failed/i.test(error.message)) {
    return new PipelineError({
      attempt: "go on",
      found: "too little memory",
      remedy:
        "close other programs, raise `ulimit -v`, or choose smaller batches",
    }, { cause: error });
  }
  // Deno names the path at the end of its message: "…: open '/a/b'".
  const path = error instanceof Error
    ? /'([^']+)'[^']*$/.exec(error.message)?.[1]
    : undefined;
  return fileError(error, "use a file", path ?? "");
}
