import { PipelineError } from "../../errors.ts";
import { wholeNumberFrom } from "../arguments/numbers.ts";
import type { Call, Flag } from "../command.ts";

/** `--seeds`, for a command that runs configs. */
export const seedsFlag: Flag = {
  name: "seeds",
  value: "N,N,…",
  summary:
    "run each config once a seed, as NAME-seedN, and write mean ± deviation to runs/NAME-seeds",
};

/** Flags that speak of one result of a config, where seeds give several, or of a run without figures. */
const switchesWithoutSeeds = ["frozen", "check-expectations"];
const valuesWithoutSeeds = ["until", "executor"];

/**
 * The seeds that a call asks for; none when it asks for no axis.
 *
 * @throws {PipelineError} when they are no two or more different seeds, or stand beside what goes with one run only
 */
export function seedsOf(call: Call): number[] {
  const text = call.value("seeds");
  if (text === "") return [];
  const seeds = text.split(",").map((part) => wholeNumberFrom(part.trim()));
  const areSound = seeds.length > 1 && new Set(seeds).size === seeds.length &&
    seeds.every((seed) => seed < 2 ** 32);
  if (!areSound) {
    throw refusal(
      `--seeds ${text}`,
      "two or more different whole numbers below 2³², separated by commas",
    );
  }
  const other = switchesWithoutSeeds.find((name) => call.has(name)) ??
    valuesWithoutSeeds.find((name) => call.value(name) !== "");
  if (other !== undefined) {
    throw refusal(`--seeds with --${other}`, "one of them");
  }
  return seeds;
}

function refusal(found: string, wanted: string): PipelineError {
  return new PipelineError({ attempt: "run reproduce", found, wanted });
}
