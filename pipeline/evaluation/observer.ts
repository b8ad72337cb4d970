import type { PairTask } from "../../data/mod.ts";
import type { DescriptorRows } from "../metrics/distance.ts";
import type { Figure } from "../metrics/figure.ts";
import type { NearestRows } from "../metrics/matching.ts";
import type { HpatchesTask } from "../config/task_names.ts";
import type { NegativeKind, Noise } from "./benchmark.ts";

/** Pairs of a verification file with their distances at one noise level. */
export interface MeasuredPairs {
  pairs: PairTask;
  /** [pairs] in file order */
  distances: Float64Array;
}

/** Two lists of pairs that one verification figure is made of. */
export interface VerificationLists {
  noise: Noise;
  kind: NegativeKind;
  matching: MeasuredPairs;
  nonMatching: MeasuredPairs;
}

/** The matches of one image to its reference image. */
export interface ImageMatches {
  sequence: string;
  noise: Noise;
  /** 1 … 5 */
  image: number;
  figure: Figure;
  nearest: NearestRows;
  /** descriptors of the reference image and of the other one */
  reference: DescriptorRows;
  other: DescriptorRows;
}

/** The figures of one retrieval query at one noise level. */
export interface QueryFigures {
  sequence: string;
  noise: Noise;
  /** pool sizes, ascending */
  cuts: readonly number[];
  /** by pool size */
  figures: readonly Figure[];
}

/** How each task tells what it is doing. */
interface TaskEvents {
  verification(lists: VerificationLists): Promise<void>;
  matching(matches: ImageMatches): void;
  retrieval(query: QueryFigures): void;
}

/** A method for every task. */
export type FullObserver = {
  [Task in HpatchesTask as `on${Capitalize<Task>}`]: TaskEvents[Task];
};

/**
 * Looks on while the HPatches tasks are evaluated: what is made of single distances and single figures (curves, bootstrap,
 * worst matches) is collected here, since the tasks keep none of them.
 */
export type TaskObserver = Partial<FullObserver>;

/** Several observers as one. */
export function observers(list: readonly TaskObserver[]): FullObserver {
  return {
    async onVerification(lists) {
      for (const observer of list) await observer.onVerification?.(lists);
    },
    onMatching(matches) {
      for (const observer of list) observer.onMatching?.(matches);
    },
    onRetrieval(query) {
      for (const observer of list) observer.onRetrieval?.(query);
    },
  };
}
