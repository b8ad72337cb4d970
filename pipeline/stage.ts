/**
 * What a pipeline stage is: a named step with declared inputs, declared parameters and one output directory.
 *
 * The planner turns the declarations into a stage key; the runner calls {@linkcode Stage.run} when no
 * stored result exists under that key. Nothing here knows a concrete stage.
 *
 * @module
 */
import type { Gpu } from "../gpu/mod.ts";
import type { Config } from "./config.ts";
import type { Json } from "./files/json.ts";
import type { Log } from "./log.ts";

/** A selection of the files that an earlier stage wrote. */
export interface StageInput {
  /** Name of the earlier stage. */
  stage: string;
  /**
   * Output paths, `/`-separated and relative to that stage's output directory. A file is selected when its path
   * equals one of them or lies below it as a folder; `""` selects everything.
   */
  paths: string[];
}

/** Facts about files that were read once. */
export interface KnownFiles {
  /** The size of an image file: the known one while the file is untouched, else `read`'s. */
  imageSize(
    file: string,
    read: (file: string) => Promise<{ width: number; height: number }>,
  ): Promise<{ width: number; height: number }>;
}

/** One step of the pipeline. */
export interface Stage {
  /** Unique name; also the folder `runs/<name>/<stage>`. */
  readonly name: string;
  /** One line for `status`. */
  readonly summary: string;
  /** URL of the module that defines the stage; its transitive relative imports are the stage's code. */
  readonly module: URL;
  /** Whether this config wants the stage at all; absent means always. A disabled stage is left out of the plan. */
  enabled?(config: Config): boolean;
  /** Which outputs of earlier stages it reads; only their bytes count. */
  inputs(config: Config): StageInput[];
  /** Every config value that can change an output byte, and nothing else, under its TOML key name. */
  parameters(config: Config): Record<string, Json>;
  /**
   * What it writes: files that are always there, and folders (`tasks/`) that hold any number of files. A result with other
   * files, or without one of these, is none of this stage. Absent: anything.
   */
  outputs?(config: Config): readonly string[];
  /**
   * Files outside the store whose content counts, absolute or relative to the working directory. Throws what can be told of them
   * before the stage runs.
   *
   * @param known facts about files that need not be read again while they are untouched
   */
  externalFiles?(config: Config, known?: KnownFiles): Promise<string[]>;
  /**
   * What else decides which of them are read: folders that it searches, lists that name them, copies of data sets whose contents the
   * config pins. In no key, and must not change while the stage runs. Absent: nothing.
   */
  watched?(config: Config): Promise<string[]>;
  /** Whether it computes on the GPU: such stages run one at a time on a machine; absent means no. */
  usesGpu?(config: Config): boolean;
  /** Whether it cannot do without a GPU; absent means that it cannot when it uses one. */
  needsGpu?(config: Config): boolean;
  /** Computes the outputs. Throwing, or an aborted signal, leaves no output; scratch stays. */
  run(context: StageContext): Promise<void>;
}

/** What a running stage is given. */
export interface StageContext {
  readonly config: Config;
  /** The stage key, 64 hexadecimal digits. Partial work names it, so that what another key left is never gone on with. */
  readonly key: string;
  /** Directory that holds the outputs of an earlier stage; only the paths that `inputs()` selects are there. Read only. */
  input(stage: string): string;
  /** Empty directory; every file in it when `run()` resolves becomes an output. */
  readonly outputDirectory: string;
  /** Survives a crash and belongs to this stage key alone: for checkpoints of partial work. Removed after success. */
  readonly scratchDirectory: string;
  /** Folder for what is fetched from elsewhere, shared by all stages of the store and kept; its files may go at any time between runs. */
  readonly downloadsDirectory: string;
  /**
   * Data set → digest of its contents that the config's lock file pins, for a stage that fetches data sets to compare
   * with; empty when there is no lock file. Never part of a key: it decides whether a result is accepted, not what it is.
   */
  readonly pinnedContents: Readonly<Record<string, string>>;
  readonly log: Log;
  readonly signal: AbortSignal;
  /**
   * Gives a device that the stage opened the tiles measured on its adapter, and records what it is (adapter, drivers, tiles)
   * as provenance: how fast the stage is depends on it, no bit of an output, so neither is part of a key.
   */
  prepareGpu(gpu: Gpu): Promise<void>;
  /**
   * Throws when code, outside files or inputs have changed since the stage's key was made. Call it before partial work is
   * kept: what was computed from other bytes must not be gone on with.
   */
  refuseChangedSources(): Promise<void>;
  /** Records how the stage spent its time; shown as provenance, never part of a key or an output. */
  recordTiming(facts: Record<string, Json>): void;
}
