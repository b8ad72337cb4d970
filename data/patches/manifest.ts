/** What a data set consists of; the content of `manifest.json`. */
export interface Manifest {
  source: string;
  training_patches: number;
  training_labels: number;
  test_sets: string[];
  sequences: string[];
  splits: string[];
  /** the photographs that it was made of */
  photographs?: PhotographUse;
  /** what training sees of the test data, one line each; none in most sets */
  leaks: string[];
  /** contents digest of each published set that it was made of */
  contents?: Record<string, string>;
}

/** What became of each photograph. */
export interface PhotographUse {
  /** by the name that its sequences would carry: labels that it gave for training */
  training: Record<string, number>;
  /** names of those kept for testing */
  held_out: string[];
  /** labels that the test pairs are drawn from */
  test_labels: number;
  /** by sequence: patches in each of its images */
  sequence_patches: Record<string, number>;
  /** what else is in the folder, sorted */
  ignored: string[];
}

/** Called as the work goes on: which part, how much of it is done, of how much, in what unit. */
export type OnPartProgress = (
  part: string,
  done: number,
  total: number,
  unit: string,
) => void;
