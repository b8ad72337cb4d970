/**
 * How the learning rate goes: one cycle up and down, constant, linearly to 0, or halved after every tenth of the steps.
 * @internal
 */
export const scheduleNames = [
  "one_cycle",
  "constant",
  "linear",
  "halving",
] as const;

/** Name of a schedule. */
export type ScheduleName = typeof scheduleNames[number];
