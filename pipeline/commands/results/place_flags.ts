import { resolve } from "@std/path";
import { PipelineError } from "../../errors.ts";
import type { PlaceOptions } from "../../reproduce.ts";
import type { Call, Flag } from "../command.ts";

/** `--cache`, for every command that uses the store. */
export const cacheFlag: Flag = {
  name: "cache",
  value: "DIR",
  summary: "folder of the store, in place of .cache",
};

/** `--cache` and `--runs`, for every command that uses run folders as well. */
export const placeFlags: readonly Flag[] = [
  cacheFlag,
  {
    name: "runs",
    value: "DIR",
    summary: "folder of run folders, in place of runs",
  },
];

/** Deno asks for every permission there, and this program has none that it does not need. */
const systemFolders = /^\/(dev|proc|sys)(\/|$)/;

/** The folders that a call names, as they were typed. */
export function placesTyped(call: Call): string[] {
  return placeFlags.map(({ name }) => call.value(name))
    .filter((path) => path !== "");
}

/**
 * Where a call keeps its files.
 * @throws {PipelineError} for a folder that this process may not write to, or that no permission of Deno can name
 */
export function placesOf(call: Call): PlaceOptions {
  const storeDirectory = call.value("cache");
  const runsDirectory = call.value("runs");
  for (const path of placesTyped(call)) {
    if (path.includes(",")) {
      throw unusable(call, path, "a comma", "a path without", "rename it");
    }
    if (systemFolders.test(resolve(path))) {
      throw unusable(
        call,
        path,
        "a folder of the system, which Deno lets no program use",
        "a folder outside /dev, /proc and /sys",
        "name another",
      );
    }
  }
  if (storeDirectory !== "" && !mayWrite(storeDirectory)) {
    throw unusable(
      call,
      storeDirectory,
      "no permission from Deno",
      "the permission to write there",
      "start it with ./run, which gives that",
    );
  }
  return {
    ...(storeDirectory === "" ? {} : { storeDirectory }),
    ...(runsDirectory === "" ? {} : { runsDirectory }),
  };
}

function mayWrite(path: string): boolean {
  return Deno.permissions.querySync({ name: "write", path }).state ===
    "granted";
}

function unusable(
  call: Call,
  where: string,
  found: string,
  wanted: string,
  remedy: string,
): PipelineError {
  const flag = call.value("cache") === where ? "--cache" : "--runs";
  return new PipelineError({
    attempt: `use the folder of ${flag}`,
    where,
    found,
    wanted,
    remedy,
  });
}
