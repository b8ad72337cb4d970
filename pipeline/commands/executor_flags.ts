import { resolve } from "@std/path";
import { PipelineError } from "../errors.ts";
import type { Call, Flag } from "./command.ts";
import { remoteFlags } from "./remote_flags.ts";
import { placeFlags } from "./results/place_flags.ts";

/** The flags that say how much of a pipeline runs, and where. */
export const executorFlags: readonly Flag[] = [
  {
    name: "until",
    value: "STAGE",
    summary: "run this stage and what it needs, and stop",
  },
  {
    name: "executor",
    value: "slurm",
    summary: "submit each stage that is not fresh as a job, and wait",
  },
  {
    name: "slurm-option",
    value: "OPTION",
    many: true,
    summary: "hand an option to sbatch, --slurm-option=--gres=gpu:1",
  },
];

/** Whether stages run as jobs of Slurm. @throws {PipelineError} for any other executor */
export function usesSlurm(call: Call): boolean {
  const executor = call.value("executor");
  if (executor === "slurm") return true;
  if (executor !== "") {
    throw new PipelineError({
      attempt: "run reproduce",
      where: "--executor",
      found: JSON.stringify(executor),
      wanted: "slurm",
    });
  }
  if (call.values("slurm-option").length > 0) {
    throw new PipelineError({
      attempt: "run reproduce",
      found: "--slurm-option without --executor slurm",
      wanted: "both or neither",
    });
  }
  return false;
}

/** Switches that mean the same for a job as for the call that submits it. */
const switchesOfJobs = ["frozen", "no-wait", "offline", "quiet"];

/** The arguments of a call that its jobs get, too. */
export function jobArguments(call: Call): string[] {
  const given = (name: string) =>
    call.values(name).flatMap((value) => [`--${name}`, value]);
  const names = remoteFlags.map(({ name }) => name);
  return [
    ...given("set"),
    ...placeFlags.flatMap(({ name }) =>
      call.value(name) === "" ? [] : [`--${name}`, resolve(call.value(name))]
    ),
    ...names.flatMap(given),
    ...[...names, ...switchesOfJobs]
      .filter((name) => call.has(name)).map((name) => `--${name}`),
  ];
}
