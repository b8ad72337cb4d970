import * as v from "valibot";
import { PipelineError } from "../errors.ts";
import type { ComparedMethod } from "./comparison.ts";
import { methodResults, runResults } from "./results_schema.ts";
import type { DescriptorName } from "../config/descriptor_names.ts";

/** Which descriptor of a run is meant when none is named. */
const defaultDescriptor: DescriptorName = "trained";

const ofRun = v.pick(runResults, ["hpatches", "bootstrap"]);

/**
 * One method's figures: those of a `results.json` that `evaluate` wrote, or those of one descriptor of a run's,
 * `FILE#DESCRIPTOR` (`trained` when none is named).
 *
 * @throws {PipelineError} when the file cannot be read or is no such file, or the descriptor is not in it
 */
export async function readMethod(argument: string): Promise<ComparedMethod> {
  const mark = argument.lastIndexOf("#");
  const path = mark < 0 ? argument : argument.slice(0, mark);
  const parsed = await readJson(path);
  if (v.is(v.object({ splits: v.unknown() }), parsed)) {
    const { splits, bootstrap = {} } = checked(methodResults, parsed, path);
    return { label: path, splits, bootstrap };
  }
  const name = mark < 0 ? defaultDescriptor : argument.slice(mark + 1);
  const run = checked(ofRun, parsed, path);
  const known = new Set(Object.values(run.hpatches).flatMap(Object.keys));
  if (!known.has(name)) {
    throw refusal(
      path,
      `no descriptor ${JSON.stringify(name)}`,
      `FILE#DESCRIPTOR with one of ${[...known].join(", ") || "(none)"}`,
    );
  }
  return {
    label: `${path}#${name}`,
    splits: onlyOf(run.hpatches, name),
    bootstrap: onlyOf(run.bootstrap ?? {}, name),
  };
}

function onlyOf<T>(
  bySplit: Record<string, Record<string, T>>,
  name: string,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(bySplit).flatMap(([split, byDescriptor]) =>
      name in byDescriptor ? [[split, byDescriptor[name]]] : []
    ),
  );
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    const missing = error instanceof Deno.errors.NotFound;
    throw refusal(
      path,
      missing ? "no such file" : (error as Error).message,
      "a results.json of evaluate or of a run",
    );
  }
}

function checked<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  path: string,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const key = v.getDotPath(issue);
  throw refusal(
    path,
    `${issue.received}${key === null ? "" : ` at ${key}`}`,
    `${issue.expected ?? "another value"}, as evaluate and runs write it`,
  );
}

function refusal(where: string, found: string, wanted: string): PipelineError {
  return new PipelineError({
    attempt: "compare the results",
    where,
    found,
    wanted,
  });
}
