import type { Split } from "../../data/mod.ts";
import type { HpatchesTask } from "../config/task_names.ts";
import type { Log } from "../log.ts";
import type { DescriptorRows, Norm } from "../metrics/distance.ts";
import type { Noise } from "./benchmark.ts";
import type { DescriptorFolder } from "./descriptor_folder.ts";
import type { TaskMeasures, TieWatch } from "./measures.ts";
import type { TaskObserver } from "./observer.ts";
import type { RowSearch } from "./row_search.ts";

/** What a task is prepared with. */
export interface TaskSetting {
  folder: DescriptorFolder;
  split: Split;
  tasksDirectory: string;
  /** pool sizes of the retrieval task */
  retrievalCuts: readonly number[];
  norm: Norm;
  observer: TaskObserver;
  /** takes note of figures that ties decide */
  ties: TieWatch;
  /** key of the split */
  key: string;
  /** `<label>, split <key>`, for progress */
  title: string;
  log: Log;
  signal?: AbortSignal | undefined;
}

/** A sequence's images at one noise level. */
export interface PassingSequence {
  sequence: string;
  noise: Noise;
  reference: DescriptorRows;
  /** the five noisy ones */
  images: readonly DescriptorRows[];
}

/** A task that has read its files. */
export interface PreparedTask<Task extends HpatchesTask = HpatchesTask> {
  /** sequences that it has to see */
  readonly sequences: Iterable<string>;
  /** what it asks of the row search */
  readonly multiplyAdds: number;
  /** what its figures leave out, the same for every descriptor of these files */
  readonly notes?: readonly string[];
  start(search: RowSearch): RunningTask<Task>;
}

/** A task while the noise levels pass by, sequence by sequence. */
export interface RunningTask<Task extends HpatchesTask = HpatchesTask> {
  /**
   * Hands a sequence to the row search.
   *
   * @returns what waits for the answer and takes its figures; undefined when the task does not concern the sequence
   */
  submit?(passing: PassingSequence): Promise<(() => Promise<void>) | undefined>;
  /** Measures a sequence on the spot, while the search is at what was submitted. */
  add?(passing: PassingSequence): void;
  /** A noise level is through. */
  endLevel?(noise: Noise): Promise<void>;
  /** The figures, once every level is through. */
  measures(): Promise<TaskMeasures<Task>>;
}
