/** What a data set consists of; the content of `manifest.json`. */
export interface Manifest {
  source: string;
  training_patches: number;
  training_labels: number;
  test_sets: string[];
  sequences: string[];
  splits: string[];
  /** contents digest of each published set that it was made of */
  contents?: Record<string, string>;
}

/** Called as the work goes on: which part, how much of it is done, of how much, in what unit. */
export type OnPartProgress = (
  part: string,
  done: number,
  total: number,
  unit: string,
) => void;
