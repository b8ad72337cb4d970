/** What a {@linkcode GpuError} says, in the order of its one-line message. */
export interface GpuErrorFacts {
  /** What was being done, after "Cannot". */
  attempt: string;
  /** The adapter, kernel, tensor or step concerned. */
  where?: string;
  /** What was met. */
  found: string;
  /** What would have been right. */
  wanted?: string;
  /** What the reader can do about it. */
  remedy?: string;
}

/**
 * A failure of the adapter, a kernel or a tensor's shape that its user can act upon.
 *
 * Message: `Cannot <attempt>: <where>: found <x>, wanted <y>; <what to do>`.
 */
export class GpuError extends Error {
  /** the class, for messages and logs */
  override readonly name = "GpuError";
  /** what was tried, as it follows "Cannot" */
  readonly attempt: string;
  /** the adapter, kernel, tensor or step concerned */
  readonly where: string | undefined;
  /** what was there */
  readonly found: string;
  /** what should have been there */
  readonly wanted: string | undefined;
  /** what to do about it */
  readonly remedy: string | undefined;

  /** Builds the message out of its parts; `options.cause` is the error that led to this one. */
  constructor(facts: GpuErrorFacts, options?: ErrorOptions) {
    const where = facts.where === undefined ? "" : `${facts.where}: `;
    const wanted = facts.wanted === undefined ? "" : `, wanted ${facts.wanted}`;
    const remedy = facts.remedy === undefined ? "" : `; ${facts.remedy}`;
    const message =
      `Cannot ${facts.attempt}: ${where}found ${facts.found}${wanted}${remedy}`;
    super(message.replace(/\s+/g, " "), options);
    this.attempt = facts.attempt;
    this.where = facts.where;
    this.found = facts.found;
    this.wanted = facts.wanted;
    this.remedy = facts.remedy;
  }
}

/** A tensor that does not fit the memory budget or one binding of the adapter: a smaller micro-batch may. */
export class GpuMemoryError extends GpuError {}
