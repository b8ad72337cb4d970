import type { Json } from "../files/json.ts";
import { prettyJson } from "../files/pretty_json.ts";
import type { ActionRecord } from "../store/action_record.ts";
import {
  type Entity,
  parameterEntities,
  programEntities,
  type Reference,
  StageOutputs,
} from "./crate_entities.ts";

/** A file from outside that a run was made of. */
export interface CrateSource {
  name: string;
  /** what it shows and who made it; may be empty */
  description: string;
  /** lower-case hexadecimal */
  sha256: string;
}

/** What a crate tells of. */
export interface CrateFacts {
  /** of the config */
  name: string;
  /** by stage, in the order in which they ran */
  records: ReadonlyMap<string, ActionRecord>;
  /** of each stage, one line that says what it does */
  summaries: Readonly<Record<string, string>>;
  /** files that stages read from elsewhere, by the stage's name */
  sources: Readonly<Record<string, readonly CrateSource[]>>;
  /** IRI of the licence of the results; undefined when there is none to claim */
  license: string | undefined;
}

const profile = "https://w3id.org/ro/wfrun/process/0.6";
const specification = "https://w3id.org/ro/crate/1.3";

/**
 * The text of a run's `ro-crate-metadata.json`: RO-Crate 1.3 by the profile Process Run Crate 0.6. Each stage is an action with the
 * program that ran as its instrument, what it read and was told as its objects, what it wrote as its results. A function of the facts.
 */
export function crateText(facts: CrateFacts): string {
  const records = [...facts.records.values()];
  const outputs = new Map(
    records.map((record) => [record.facts.stage, new StageOutputs(record)]),
  );
  const actions: Entity[] = [];
  const others = new Map<string, Entity>();
  const add = (entities: readonly Entity[]): Reference[] => {
    for (const entity of entities) others.set(entity["@id"], entity);
    return entities.map(({ "@id": id }) => ({ "@id": id }));
  };
  for (const record of records) {
    const { stage } = record.facts;
    const { program, entities } = programEntities(record);
    add(entities);
    const objects = [
      ...inputsOf(record, outputs),
      ...add(sourceEntities(facts.sources[stage] ?? [])),
      ...add(parameterEntities(record)),
    ];
    const results = outputs.get(stage)!;
    add(results.entities);
    actions.push(
      actionOf(record, facts, { program, objects, results: results.top }),
    );
  }
  const graph: Json = [
    {
      "@id": "ro-crate-metadata.json",
      "@type": "CreativeWork",
      conformsTo: { "@id": specification },
      about: { "@id": "./" },
    },
    {
      "@id": "./",
      "@type": "Dataset",
      name: `Run ${facts.name} of Self-TNet for Deno`,
      description:
        "A local patch descriptor: its patches, training, descriptors and figures, stage by stage",
      datePublished: endOf(records.at(-1)!),
      ...(facts.license === undefined
        ? {}
        : { license: { "@id": facts.license } }),
      conformsTo: { "@id": profile },
      hasPart: [...outputs.values()].flatMap(({ top }) => top),
      mentions: actions.map(({ "@id": id }) => ({ "@id": id })),
    },
    {
      "@id": profile,
      "@type": "CreativeWork",
      name: "Process Run Crate",
      version: "0.6",
    },
    ...actions,
    ...others.values(),
  ];
  return prettyJson({
    "@context": [
      `${specification}/context`,
      "https://w3id.org/ro/terms/workflow-run/context",
    ],
    "@graph": graph,
  });
}

function actionOf(
  { key, facts: { stage }, provenance }: ActionRecord,
  { name, summaries }: CrateFacts,
  { program, objects, results }: {
    program: Reference;
    objects: Reference[];
    results: Reference[];
  },
): Entity {
  const adapter = provenance.adapter?.description;
  const on = typeof adapter === "string" ? `; on ${adapter}` : "";
  const accepted = (provenance.accepted ?? []).length > 0
    ? "; kept although code changed afterwards"
    : "";
  return {
    "@id": `#${stage}-${key.slice(0, 12)}`,
    "@type": "CreateAction",
    name: `${stage}: ${summaries[stage] ?? ""}`,
    description: `stage ${stage} of config ${name}, key ${key}${on}${accepted}`,
    startTime: provenance.startedAt,
    endTime: endOf({ provenance }),
    actionStatus: { "@id": "http://schema.org/CompletedActionStatus" },
    instrument: program,
    object: objects,
    result: results,
  };
}

function endOf({ provenance }: Pick<ActionRecord, "provenance">): string {
  const { startedAt, wallTimeSeconds } = provenance;
  const endMs = Date.parse(startedAt) + Math.round(1000 * wallTimeSeconds);
  return new Date(endMs).toISOString();
}

/** What a stage read of earlier ones, each file or folder once. */
function inputsOf(
  { facts }: ActionRecord,
  outputs: ReadonlyMap<string, StageOutputs>,
): Reference[] {
  const ids = new Set<string>();
  for (const [stage, paths] of Object.entries(facts.inputs)) {
    for (const path of Object.keys(paths)) {
      const found = outputs.get(stage)?.find(path);
      if (found !== undefined) ids.add(found["@id"]);
    }
  }
  return [...ids].map((id) => ({ "@id": id }));
}

function sourceEntities(sources: readonly CrateSource[]): Entity[] {
  return sources.map(({ name, description, sha256 }) => ({
    "@id": `#file/${sha256.slice(0, 16)}`,
    "@type": "File",
    name,
    ...(description === "" ? {} : { description }),
    sha256,
  }));
}
