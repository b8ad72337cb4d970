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
  override readonly name = "GpuError";
  readonly attempt: string;
  readonly where: string | undefined;
  readonly found: string;
  readonly wanted: string | undefined;
  readonly remedy: string | undefined;

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
