/**
 * Why a stage has to run.
 *
 * @module
 */
import type { StageFacts } from "../store/action_record.ts";
import { placedFiles, stageKey } from "../store/stage_key.ts";
import { canonicalJson } from "../files/hash.ts";
import type { Json } from "../files/json.ts";

/** One reason; `old` and `new` are null where there was, or is, nothing. */
export type Reason = {
  kind:
    | "never-ran"
    | "schema"
    | "parameter"
    | "input"
    | "external"
    | "code"
    | "package"
    | "output"
    | "upstream";
  /** `lr`, `download: training/patches.bin`, `gpu/ops/optimizers/adam.ts`, `stage1` …; empty for `never-ran` */
  field: string;
  old: Json;
  new: Json;
};

/** The parameters with one name each: `{ a: { b: 1 } }` → `{ "a.b": 1 }`. */
export function flatParameters(
  parameters: StageFacts["parameters"],
): Record<string, Json> {
  return flat(parameters);
}

/** Every difference between two sets of facts, one reason each. */
export function compareFacts(old: StageFacts, now: StageFacts): Reason[] {
  const named = (facts: StageFacts["inputs"]) =>
    Object.fromEntries(
      Object.entries(facts).flatMap(([stage, files]) =>
        Object.entries(files).map(([path, digest]) =>
          [`${stage}: ${path}`, digest] as const
        )
      ),
    );
  const reasons = [
    ...differences("schema", { "key schema": old.schema }, {
      "key schema": now.schema,
    }),
    ...differences("parameter", flat(old.parameters), flat(now.parameters)),
    ...differences("input", named(old.inputs), named(now.inputs)),
    ...externalDifferences(old, now),
    ...differences("code", old.code, now.code),
    ...differences("package", old.packages, now.packages),
  ];
  if (reasons.length === 0 && stageKey(old) !== stageKey(now)) {
    const order = (facts: StageFacts) => facts.external.map(({ path }) => path);
    reasons.push({
      kind: "external",
      field: "order of the files",
      old: order(old),
      new: order(now),
    });
  }
  return reasons;
}

/** Outside files that differ: by their full paths, or by their places in the folder they share where it seems to have moved. */
function externalDifferences(old: StageFacts, now: StageFacts): Reason[] {
  const full = ({ external }: StageFacts) =>
    external.map(({ path, digest }) => [path, digest] as const);
  const [byPath, byPlace] = [full, placedFiles].map((filesOf) =>
    differences(
      "external",
      Object.fromEntries(filesOf(old)),
      Object.fromEntries(filesOf(now)),
    )
  );
  return byPlace.length < byPath.length ? byPlace : byPath;
}

/** `{ a: { b: 1 } }` → `{ "a.b": 1 }`, so that a reason names the innermost field. */
function flat(
  value: { [name: string]: Json },
  prefix = "",
): Record<string, Json> {
  const result: Record<string, Json> = {};
  for (const [name, part] of Object.entries(value)) {
    if (part !== null && typeof part === "object" && !Array.isArray(part)) {
      Object.assign(result, flat(part, `${prefix}${name}.`));
    } else result[prefix + name] = part;
  }
  return result;
}

function differences(
  kind: Reason["kind"],
  old: Record<string, Json>,
  now: Record<string, Json>,
): Reason[] {
  const fields = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return fields.sort().flatMap((field) => {
    const before = Object.hasOwn(old, field) ? old[field] : null;
    const after = Object.hasOwn(now, field) ? now[field] : null;
    return canonicalJson(before) === canonicalJson(after)
      ? []
      : [{ kind, field, old: before, new: after }];
  });
}
