import { brokenLink } from "./link_targets.ts";

/** The parts of a one-line error about data: what was tried, where, what was there, what was wanted, what to do. */
export interface DataErrorParts {
  /** The attempt as a verb phrase: "read the image". */
  attempt: string;
  /** The file, `file:line`, or option at fault. */
  where?: string;
  /** What was there. */
  found: string;
  /** What should have been there. */
  wanted?: string;
  /** What the reader can do about it. */
  remedy?: string;
}

/**
 * An error about data that a user can meet and mend. The message is one line:
 * `Cannot <attempt>: <where>: found <found>, wanted <wanted>; <remedy>`.
 */
export class DataError extends Error {
  /** the class, for messages and logs */
  override readonly name = "DataError";
  /** what was tried, as it follows "Cannot" */
  readonly attempt: string;
  /** the file, `file:line`, or option at fault */
  readonly where: string | undefined;
  /** what was there */
  readonly found: string;
  /** what should have been there */
  readonly wanted: string | undefined;
  /** what to do about it */
  readonly remedy: string | undefined;

  /** Builds the message out of its parts. */
  constructor(parts: DataErrorParts) {
    super(describe(parts));
    this.attempt = parts.attempt;
    this.where = parts.where;
    this.found = parts.found;
    this.wanted = parts.wanted;
    this.remedy = parts.remedy;
  }
}

function describe(parts: DataErrorParts): string {
  const where = parts.where === undefined ? "" : `${parts.where}: `;
  const wanted = parts.wanted === undefined ? "" : `, wanted ${parts.wanted}`;
  const remedy = parts.remedy === undefined ? "" : `; ${parts.remedy}`;
  const message =
    `Cannot ${parts.attempt}: ${where}found ${parts.found}${wanted}${remedy}`;
  // A library's words or a damaged file's bytes may hold line breaks and other control characters.
  return message.replace(/\s*\p{Cc}[\s\p{Cc}]*/gu, " ");
}

/** What Deno's errors say of a file; asked only when a file was, since this module is loaded in browsers too. */
const kinds = (): [new (...args: never[]) => Error, string][] => [
  [Deno.errors.NotFound, "no such file or folder"],
  [Deno.errors.PermissionDenied, "no permission"],
  [Deno.errors.NotCapable, "no permission from Deno"],
  [Deno.errors.NotADirectory, "a file in place of a folder"],
  [Deno.errors.IsADirectory, "a folder in place of a file"],
  [Deno.errors.FilesystemLoop, "links in a circle"],
];

/** What went wrong with a file, for {@linkcode DataErrorParts.found}. */
export function fileFault(error: unknown): string {
  const kind = kinds().find(([type]) => error instanceof type);
  if (kind !== undefined) return brokenLink(error) ?? kind[1];
  // Deno ends its messages with the call and the path.
  return error instanceof Error
    ? error.message.replace(/( \(os error \d+\))?(: \w+ '[^']*')*$/, "")
    : String(error);
}
