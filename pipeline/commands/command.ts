import type { Log } from "../log.ts";

/** A flag of a command. */
export interface Flag {
  /** `json` for `--json` */
  name: string;
  /** what stands for the value in the help, `FILE`; absent for a switch */
  value?: string;
  /** may be given several times */
  many?: boolean;
  /** has to be given */
  required?: boolean;
  summary: string;
}

/** What a command reaches the user through, on whatever thread it runs. */
export interface Outlets {
  /** prints a line of the answer on stdout */
  print(text: string): void;
  log: Log;
  /** aborted by Ctrl-C */
  signal: AbortSignal;
}

/** What was typed after a command's name, checked against its declaration. */
export interface Call extends Outlets {
  positionals: readonly string[];
  /** whether a switch was given */
  has(flag: string): boolean;
  /** the value of a flag; "" when it was not given */
  value(flag: string): string;
  /** every value of a flag that may be given several times */
  values(flag: string): readonly string[];
  /** an environment variable; undefined when it is not set or not among those that the program may read */
  environment(name: string): string | undefined;
}

/** A command of the program. */
export interface Command {
  name: string;
  /** one line for the help */
  summary: string;
  /** names of the positional arguments; one that ends with `?` may be left out, a last one that ends with `…` repeated */
  positionals: readonly string[];
  flags: readonly Flag[];
  /** arguments that work on a fresh clone or show the shape of a call */
  example: string;
  /**
   * The hosts that this call has to reach, as `host:port`. A command that declares them starts with the permission to start programs,
   * and runs without it: see `network_access.ts`.
   */
  hosts?(call: Call): Promise<string[]>;
  /** Other programs that this call has to start, by name; none when absent. */
  programs?(call: Call): readonly string[];
  /**
   * Whether this call may open the GPU; never when absent. Waiting for the GPU blocks the thread that waits, so such a call runs on a
   * thread of its own: see `command_thread.ts`.
   */
  usesGpu?(call: Call): boolean;
  /**
   * Does it.
   *
   * @returns the exit code
   */
  run(call: Call): Promise<number>;
}

/** `--set`, for every command that reads a config. */
export const setFlag: Flag = {
  name: "set",
  value: "KEY=VALUE",
  many: true,
  summary:
    "put another value in place of the config's, stage1.lr=0.01; ./run keys lists what there is",
};

/** `--quiet`, for commands that take long. */
export const quietFlag: Flag = {
  name: "quiet",
  summary: "print neither progress nor notes",
};
