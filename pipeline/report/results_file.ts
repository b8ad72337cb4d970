import * as v from "valibot";
import { PipelineError } from "../errors.ts";
import type { ComparedMethod } from "./comparison.ts";
import { checkShape, readJson, type Refuse } from "./read_json.ts";
import { methodResults, pairResults, runResults } from "./results_schema.ts";
import type { DescriptorName } from "../config/descriptor_names.ts";

/** Which descriptor of a run is meant when none is named. */
const defaultDescriptor: DescriptorName = "trained";

/** What is read of a run, or of `evaluate --image-pairs`. */
const ofRun = v.object({
  hpatches: v.optional(runResults.entries.hpatches, {}),
  bootstrap: runResults.entries.bootstrap,
  image_pairs: v.optional(pairResults.entries.image_pairs, {}),
});

/**
 * One method's figures: those of a `results.json` that `evaluate` wrote, or those of one descriptor of a run's or of image pairs,
 * `FILE#DESCRIPTOR` (`trained` when none is named).
 *
 * @throws {PipelineError} when the file cannot be read or is no such file, or the descriptor is not in it
 */
export function readMethod(argument: string): ComparedMethod {
  const mark = argument.lastIndexOf("#");
  const path = mark < 0 ? argument : argument.slice(0, mark);
  const refuse: Refuse = (found, wanted) =>
    refusal(
      path,
      found,
      wanted === undefined
        ? "a results.json of evaluate or of a run"
        : `${wanted}, as evaluate and runs write it`,
    );
  const parsed = readJson(path, refuse);
  if (v.is(v.object({ splits: v.unknown() }), parsed)) {
    const { splits, bootstrap = {} } = checkShape(
      methodResults,
      parsed,
      refuse,
    );
    return { label: path, splits, bootstrap, pairs: {} };
  }
  const name = mark < 0 ? defaultDescriptor : argument.slice(mark + 1);
  const run = checkShape(ofRun, parsed, refuse);
  const known = new Set(
    [run.hpatches, run.image_pairs].flatMap(Object.values)
      .flatMap(Object.keys),
  );
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
    pairs: onlyOf(run.image_pairs, name),
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

function refusal(where: string, found: string, wanted: string): PipelineError {
  return new PipelineError({
    attempt: "compare the results",
    where,
    found,
    wanted,
  });
}
