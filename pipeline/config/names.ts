/** The losses of preliminary training. */
export const lossNames = [
  "ExpTeacher",
  "balance",
  "tripletMargin_o",
  "tripletTeacher",
] as const;

/** The networks that can be trained. */
export const networkNames = ["SDGMNet128"] as const;
