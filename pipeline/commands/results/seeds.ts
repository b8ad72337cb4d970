import { join } from "@std/path";
import { type Config, loadConfig } from "../../config.ts";
import { defaultRunsDirectory } from "../../engine/open_planner.ts";
import type { RunOutcome } from "../../engine/runner.ts";
import { writeFileAtomically } from "../../files/write_file.ts";
import { plainTable } from "../../report/render_tables.ts";
import {
  readTrainingRun,
  seedCurves,
  type TrainingRun,
} from "../../report/pictures/seed_curves.ts";
import {
  type SeededConfig,
  type SeedRun,
  writeSeedTables,
} from "../../report/seed_tables.ts";
import type { Table } from "../../report/tables.ts";
import type { Call } from "../command.ts";
import { placesOf } from "./place_flags.ts";

/** A config once a seed, each with a run folder of its own. */
export async function withSeeds(
  path: string,
  settings: readonly string[],
  seeds: readonly number[],
): Promise<Config[]> {
  const { name } = await loadConfig(path, settings);
  const configs: Config[] = [];
  for (const seed of seeds) {
    const own = [
      `seed=${seed}`,
      `name=${JSON.stringify(`${name}-seed${seed}`)}`,
    ];
    configs.push(await loadConfig(path, [...settings, ...own]));
  }
  return configs;
}

/**
 * Writes the figures of each config over its seeds, of several configs beside each other too, with their courses; and prints them.
 *
 * @param runs of the configs of {@linkcode withSeeds}, all seeds of one config after those of the one before
 */
export async function reportSeeds(
  call: Call,
  seeds: readonly number[],
  configs: readonly Config[],
  runs: readonly RunOutcome[],
): Promise<void> {
  const runsDirectory = placesOf(call).runsDirectory ?? defaultRunsDirectory;
  const seeded: SeededConfig[] = [];
  const courses: TrainingRun[] = [];
  for (let first = 0; first < runs.length; first += seeds.length) {
    const ending = `-seed${seeds[0]}`;
    const name = configs[first].name.slice(0, -ending.length);
    const ofSeeds: SeedRun[] = [];
    for (const [index, seed] of seeds.entries()) {
      const { runDirectory } = runs[first + index];
      const path = join(runDirectory, "evaluate", "measures.json");
      ofSeeds.push({
        seed,
        measures: JSON.parse(await Deno.readTextFile(path)),
      });
      courses.push(await readTrainingRun(name, runDirectory));
    }
    seeded.push({ name, runs: ofSeeds });
  }
  const groups: [folder: string, SeededConfig[]][] = seeded.map((one) => [
    `${one.name}-seeds`,
    [one],
  ]);
  if (seeded.length > 1) {
    const names = seeded.map(({ name }) => name);
    groups.push([comparisonName(names), seeded]);
  }
  const tables: Table[] = [];
  for (const [folder, group] of groups) {
    tables.push(await writeSeedTables(join(runsDirectory, folder), group));
  }
  const directory = join(runsDirectory, groups.at(-1)![0]);
  call.print(plainTable(tables.at(-1)!));
  call.print(`over seeds: ${join(directory, "results.md")}`);
  if (courses.every(({ lines }) => lines.length === 0)) return;
  const path = join(directory, "training.svg");
  await writeFileAtomically("write the courses", path, seedCurves(courses));
  call.print(`distances in training: ${path}`);
}

/** After what all names begin with: `short-compared` of `short-hardnet` and `short-hynet`. */
function comparisonName([first, ...others]: readonly string[]): string {
  let length = first.length;
  for (const name of others) {
    while (!name.startsWith(first.slice(0, length))) length--;
  }
  const start = first.slice(0, length).replace(/[-_]+$/, "");
  return start === "" ? "compared" : `${start}-compared`;
}
