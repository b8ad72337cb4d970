import { join } from "@std/path";
import { type Config, loadConfig } from "../../config.ts";
import { defaultRunsDirectory } from "../../engine/open_planner.ts";
import type { RunOutcome } from "../../engine/runner.ts";
import { plainTable } from "../../report/render_tables.ts";
import { type SeedRun, writeSeedTables } from "../../report/seed_tables.ts";
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
 * Writes the figures of each config over its seeds, and prints them.
 *
 * @param runs of the configs of {@linkcode withSeeds}, all seeds of one config after those of the one before
 */
export async function reportSeeds(
  call: Call,
  seeds: readonly number[],
  configs: readonly Config[],
  runs: readonly RunOutcome[],
): Promise<void> {
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
    }
    const directory = join(
      placesOf(call).runsDirectory ?? defaultRunsDirectory,
      `${name}-seeds`,
    );
    call.print(plainTable(await writeSeedTables(directory, name, ofSeeds)));
    call.print(`over seeds: ${join(directory, "results.md")}`);
  }
}
