/** What a {@linkcode FeatureError} says, in the order of its one-line message. */
export interface FeatureErrorFacts {
  /** What was being done, after "Cannot". */
  attempt: string;
  /** The picture, option or keypoint concerned. */
  where?: string;
  /** What was met. */
  found: string;
  /** What would have been right. */
  wanted?: string;
  /** What the reader can do about it. */
  remedy?: string;
}

/**
 * Input that no features can be made of.
 *
 * Message: `Cannot <attempt>: <where>: found <x>, wanted <y>; <what to do>`.
 */
export class FeatureError extends Error {
  /** Always "FeatureError". */
  override readonly name = "FeatureError";
  /** What was being done, after "Cannot". */
  readonly attempt: string;
  /** The picture, option or keypoint concerned. */
  readonly where: string | undefined;
  /** What was met. */
  readonly found: string;
  /** What would have been right. */
  readonly wanted: string | undefined;
  /** What the reader can do about it. */
  readonly remedy: string | undefined;

  /** An error that says these facts in one line. */
  constructor(facts: FeatureErrorFacts, options?: ErrorOptions) {
    const where = facts.where === undefined ? "" : `${facts.where}: `;
    const wanted = facts.wanted === undefined ? "" : `, wanted ${facts.wanted}`;
    const remedy = facts.remedy === undefined ? "" : `; ${facts.remedy}`;
    super(
      `Cannot ${facts.attempt}: ${where}found ${facts.found}${wanted}${remedy}`,
      options,
    );
    this.attempt = facts.attempt;
    this.where = facts.where;
    this.found = facts.found;
    this.wanted = facts.wanted;
    this.remedy = facts.remedy;
  }
}
