import type { Config } from "../config.ts";
import { hpatchesTaskNames } from "../config/task_names.ts";
import { headlineFigure } from "../evaluation/figure_list.ts";
import type { RunPhotograph } from "./photographs_of_run.ts";
import type { Measures } from "../evaluation/measures.ts";

/** A photograph that trained or tested the network. */
export interface CardPhotograph extends RunPhotograph {
  /** labels that it gave for training; undefined for one that did not train */
  labels: number | undefined;
  /** whether it was kept for testing; may train as well, `download.held_out_train` */
  heldOut: boolean;
}

/** A stage that the network came through. */
export interface CardStage {
  name: string;
  /** stage key, hexadecimal */
  key: string;
  wallTimeSeconds: number;
  /** ISO 8601, UTC */
  startedAt: string;
  deno: string;
  /** of the program; empty when it was in no repository */
  commit: string;
  /** empty when it used none */
  adapter: string;
}

/** What a model card tells of. */
export interface CardFacts {
  config: Config;
  /** the config's path, as whoever rebuilds the network types it */
  configPath: string;
  network: {
    /** lower-case hexadecimal */
    sha256: string;
    sizeBytes: number;
    /** trained numbers, without running statistics */
    parameters: number;
    /** numbers in a descriptor */
    dimension: number;
  };
  training: { labels: number; patches: number };
  /** what it was made of, where the source is photographs */
  photographs: CardPhotograph[];
  measures: Measures;
  /** the network that the measures are of where it is another one, trained without the photographs held out */
  measured?: { config: Config; configPath: string } | undefined;
  stages: CardStage[];
}

/** Whether everything that it was trained on is in the public domain. */
export function isPublicDomain({ download }: Config): boolean {
  return download.source === "photos" && download.source_dir === "";
}

/** Side of the square that a patch shows, in units of the keypoint's sigma, as the network was trained. */
export function sideSigmas({ download }: Config): number | undefined {
  if (download.source !== "photos") return undefined;
  return download.keypoints === "detector" ? 12 : 10;
}

/** A mean figure of the trained network on a split, as a fraction. */
export interface CardFigure {
  split: string;
  task: string;
  value: number;
}

/** The mean figures of the trained network, as fractions of four decimals. */
export function figuresOf({ hpatches }: Measures): CardFigure[] {
  return Object.entries(hpatches).flatMap(([split, { trained }]) =>
    hpatchesTaskNames.flatMap((task) => {
      const value = trained && headlineFigure(task, trained);
      return value === undefined
        ? []
        : [{ split, task, value: Number(value.toFixed(4)) }];
    })
  );
}
