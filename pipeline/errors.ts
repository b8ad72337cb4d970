/** What a user needs to know about a failure; every part is one line of plain text. */
export interface ErrorParts {
  /** what the program tried to do, as it follows "Cannot": `read the config` */
  readonly attempt: string;
  /** where it failed: `configs/demo.toml:3:6`, `runs/demo/stage1/model.safetensors` */
  readonly where?: string;
  /** what was there */
  readonly found?: string;
  /** what should have been there */
  readonly wanted?: string;
  /** what the user can do about it */
  readonly remedy?: string;
}

/** Control characters (a line break in a file name, say) would break the promise of one line. */
// deno-lint-ignore no-control-regex
const controlCharacters = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** `text` on one line: every run of control characters becomes one space. */
export function oneLine(text: string): string {
  return text.replace(controlCharacters, " ").trim();
}

/** `Cannot <attempt>: <where>: found <found>, wanted <wanted>; <remedy>`, leaving out what is absent. */
export function errorMessage(parts: ErrorParts): string {
  let message = `Cannot ${parts.attempt}`;
  if (parts.where) message += `: ${parts.where}`;
  const facts = [];
  if (parts.found) facts.push(`found ${parts.found}`);
  if (parts.wanted) facts.push(`wanted ${parts.wanted}`);
  if (facts.length > 0) message += `: ${facts.join(", ")}`;
  if (parts.remedy) message += `; ${parts.remedy}`;
  return oneLine(message);
}

/**
 * A failure that a user can understand and act upon.
 *
 * The message is one line, `Cannot <attempt>: <where>: found <x>, wanted <y>; <what to do>`. The command line prints it
 * and exits with 2. A thrown value of any other kind is a bug of this program.
 */
export class PipelineError extends Error {
  /** the class, for messages and logs */
  override name = "PipelineError";
  /** what was tried, as it follows "Cannot" */
  readonly attempt: string;
  /** the place */
  readonly where: string | undefined;
  /** what was there */
  readonly found: string | undefined;
  /** what should have been there */
  readonly wanted: string | undefined;
  /** what to do about it */
  readonly remedy: string | undefined;

  /** Builds the message; `options.cause` is the error that led to this one. */
  constructor(parts: ErrorParts, options?: ErrorOptions) {
    super(errorMessage(parts), options);
    this.attempt = parts.attempt;
    this.where = parts.where;
    this.found = parts.found;
    this.wanted = parts.wanted;
    this.remedy = parts.remedy;
  }
}

/** The attempt that every {@linkcode ConfigError} names. */
const configAttempt = "read the config";

/** Nobody mends more at a time; a file that is no config has thousands. */
const mostProblemsShown = 20;

/**
 * A config file or an override that cannot be used.
 *
 * `problems` holds everything that is wrong, in file order; `message` has one line for each of them, and the fields
 * `where`, `found`, `wanted` and `remedy` are those of the first.
 */
export class ConfigError extends PipelineError {
  /** the class, for messages and logs */
  override name = "ConfigError";
  /** everything that is wrong, in file order */
  readonly problems: readonly Omit<ErrorParts, "attempt">[];

  /** Builds the message out of one problem or more. */
  constructor(
    problems: readonly Omit<ErrorParts, "attempt">[],
    options?: ErrorOptions,
  ) {
    super({ attempt: configAttempt, ...problems[0] }, options);
    this.problems = problems;
    const lines = problems.slice(0, mostProblemsShown).map((parts) =>
      errorMessage({ attempt: configAttempt, ...parts })
    );
    const more = problems.length - lines.length;
    if (more > 0) lines.push(`and ${more} more like these`);
    this.message = lines.join("\n");
  }
}

/**
 * Whether a thrown value is one of the typed errors of this program (`PipelineError`, `DataError`, `GpuError`), told by
 * their common fields, so that no layer has to import another layer's classes.
 */
export function isUserError(error: unknown): error is Error & ErrorParts {
  return error instanceof Error &&
    typeof (error as { attempt?: unknown }).attempt === "string";
}
