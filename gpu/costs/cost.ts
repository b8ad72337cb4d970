/** Bytes of a line of a cache, as the model has it for every device. */
export const lineBytes = 128;

/** Weights of a convolution of 3×3 for one input and one output channel. */
export const taps = 9;

/** A bound tensor: the shape it was made with, and what is bound of it. */
export interface Operand {
  shape: readonly number[];
  /** elements bound */
  size: number;
  elementBytes: number;
}

/** One dispatch as a cost is counted from it. */
export interface DispatchFacts {
  /** What is bound, in order, the `Params` left out. */
  operands: readonly Operand[];
  /** Values of `Params`. */
  uniform: readonly number[];
  /** What the text was specialised with: tiles, strides, flags. */
  constants: Readonly<Record<string, number>>;
  /** Workgroups along x, y and z. */
  groups: readonly [number, number, number];
  /** Threads of one workgroup. */
  groupThreads: number;
  /** Threads of all workgroups. */
  threads: number;
}

/**
 * Loads or stores that a thread does again and again, and where its neighbours' lie: that decides how many cache lines one of a
 * subgroup touches, which is what it costs.
 */
export interface Access {
  /** how many of them one thread does in the whole dispatch */
  count: number;
  /** bytes of each: 16 for a vec4<f32> */
  bytes: number;
  /** from one thread's address to its neighbour's, in bytes; 0 where all of a subgroup want the same */
  strideBytes: number;
  /** neighbouring threads that want the same address, 1 unless told */
  sharedBy?: number;
  /** addresses after which the next threads begin anew; unless told they never do */
  period?: number;
  /** "uniform" for a uniform binding, "workgroup" for workgroup memory; unless told it is a storage buffer */
  memory?: "buffer" | "uniform" | "workgroup";
  /** whether a thread's next one lies right behind, so that a line of the nearest cache serves several; not unless told */
  walks?: true;
  /** how often a workgroup wants each byte while its nearest cache still has it, 1 unless told: only the first time goes further */
  reuse?: number;
}

/**
 * What one dispatch has to do, told by whoever wrote the kernel. Adds up over all threads unless it says "a thread". A thread beyond
 * the work may be counted in `access`, never in `multiplyAdds`.
 */
export interface Cost {
  /** what it works on, to tell the layers of one kernel apart: "32→64 at 16×16" */
  work: string;
  /** fused multiply-adds of single numbers, two operations each */
  multiplyAdds: number;
  /** other additions, multiplications, comparisons and roots of single numbers, one operation each */
  operations: number;
  /**
   * instructions that are neither of these nor an access: choices between values, moves, and what threads wait through because others of
   * their subgroup are in a branch that they are not in; none unless told
   */
  otherInstructions?: number;
  /** bytes that must cross the memory bus, each operand once, when caches hold everything in between */
  bytes: number;
  access: readonly Access[];
  /** 32-bit registers of a thread by estimate: what is alive in its innermost loop, and addresses */
  registers: number;
  /** bytes of workgroup memory of a workgroup, none unless told */
  workgroupBytes?: number;
  /**
   * how many times, one after the other, a thread has to wait for loads or at a barrier before it can go on: trips of its loop, where
   * each uses what it loads. A loop that only adds up what it loads counts one wait for every four trips, since compilers load ahead.
   */
  waits: number;
}

/** How a kernel's cost follows from a dispatch of it. */
export type CostRule = (facts: DispatchFacts) => Cost;

/** Floating-point operations of a cost, a multiply-add counting two. */
export function flopsOf(
  { multiplyAdds, operations }: Pick<Cost, "multiplyAdds" | "operations">,
): number {
  return 2 * multiplyAdds + operations;
}

/** Loads that a compiler has under way at once in a loop that only adds up what it loads. */
const loadsAhead = 4;

/** Waits of a loop that only adds up what it loads. */
export function waitsOfSum(trips: number): number {
  return Math.ceil(trips / loadsAhead);
}

/** Registers of a thread that keeps `values` numbers alive, with room for addresses, counters and what is under way. */
export function registersFor(values: number): number {
  return 24 + values;
}

/** Threads that go in step on most GPUs. */
export const subgroupThreads = 32;

/** Loads of a thread where those of a workgroup share so many: a subgroup whose last threads have none takes as long. */
export function shareOfLoads(loads: number, groupThreads: number): number {
  const together = Math.min(subgroupThreads, groupThreads);
  return Math.ceil(loads / together) * together / groupThreads;
}

/** Bytes of what is bound, together. */
export function bytesOf(...operands: readonly Operand[]): number {
  return operands.reduce(
    (sum, { size, elementBytes }) => sum + size * elementBytes,
    0,
  );
}

/** Elements of a tensor that one sample of its first dimension has. */
export function elementsOfSample({ shape }: Operand): number {
  return shape.slice(1).reduce((product, extent) => product * extent, 1);
}

/** Channels and extent of [N, C/4, H, W, 4]. */
export function plane(
  { shape: [, channels4, height, width] }: Operand,
): string {
  return `${channels4 * 4} at ${height}×${width}`;
}
