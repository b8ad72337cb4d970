import type { CommandEnd } from "./command_end.ts";

/** What the main thread tells the thread of a command. */
export type Order =
  /** the command line; comes once, first */
  | { kind: "run"; args: readonly string[] }
  /** stop at the next safe point */
  | { kind: "interrupt" };

/** What the thread of a command tells the main thread, which alone prints. Messages arrive in the order in which they were sent. */
export type Report =
  | { kind: "print"; text: string }
  | { kind: "info"; message: string }
  | { kind: "warn"; message: string }
  /** an activity begins, known by `id` from now on */
  | {
    kind: "progress";
    id: number;
    label: string;
    total: number;
    unit: string;
  }
  | {
    kind: "update";
    id: number;
    done: number;
    figures: Record<string, number>;
  }
  | { kind: "finish"; id: number }
  /** the last one */
  | { kind: "end"; end: CommandEnd };
