import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { crateText } from "../../../pipeline/sharing/crate.ts";
import type { ActionRecord } from "../../../pipeline/store/action_record.ts";

type Entity = { "@id": string; "@type": string; [name: string]: unknown };

function record(
  stage: string,
  changes: Partial<ActionRecord["facts"]>,
  paths: string[],
): ActionRecord {
  return {
    key: stage.padEnd(64, "0"),
    facts: {
      schema: 1,
      stage,
      parameters: {},
      inputs: {},
      external: [],
      code: {},
      packages: { "fast-png": "8.0.0" },
      ...changes,
    },
    outputs: paths.map((path, i) => ({
      path,
      digest: String(i).padStart(64, "a"),
      sizeBytes: 100 + i,
    })),
    provenance: {
      config: "small",
      reasons: [],
      startedAt: "2026-01-02T03:04:05.000Z",
      wallTimeSeconds: 90.5,
      host: "somewhere",
      deno: "2.9.6",
      codeDigest: `${stage}-code-digest`,
      source: { commit: "0123456789abcdef", dirty: false },
      adapter: stage === "stage1" ? { description: "llvmpipe" } : null,
    },
  };
}

const strips = Array.from({ length: 25 }, (_, i) => `hpatches/${i}.png`);
const facts = {
  name: "small",
  records: new Map([
    [
      "download",
      record(
        "download",
        { parameters: { patch_sets: 60, seed: 1 } },
        ["manifest.json", "training/patches.bin", ...strips],
      ),
    ],
    [
      "stage1",
      record("stage1", {
        inputs: { download: { "training/patches.bin": "x" } },
        parameters: { lr: 0.0033 },
      }, ["model.safetensors"]),
    ],
    [
      "extract",
      record("extract", {
        inputs: {
          download: Object.fromEntries(strips.map((path) => [path, "x"])),
          stage1: { "model.safetensors": "x" },
        },
      }, ["a file.csv"]),
    ],
  ]),
  summaries: { download: "patches", stage1: "training" },
  sources: {
    download: [{
      name: "black-canyon",
      description: "O'Sullivan, 1871",
      sha256: "ef".repeat(32),
    }],
  },
  license: "https://creativecommons.org/publicdomain/zero/1.0/",
};

const graph: Entity[] = JSON.parse(crateText(facts))["@graph"];

function entity(id: string): Entity {
  const found = graph.filter((one) => one["@id"] === id);
  assert.equal(found.length, 1, id);
  return found[0];
}

function idsOf(references: unknown): string[] {
  return (references as { "@id": string }[]).map((one) => one["@id"]);
}

/** Every `{"@id": …}` below a value. */
function referencesIn(value: unknown): string[] {
  if (value === null || typeof value !== "object") return [];
  const own = Object.keys(value).join() === "@id"
    ? [(value as Entity)["@id"]]
    : [];
  return [...own, ...Object.values(value).flatMap(referencesIn)];
}

describe("a crate", () => {
  it("has the root that the profile asks for, and mentions every action", () => {
    const root = entity("./");
    assert.deepEqual(root.conformsTo, {
      "@id": "https://w3id.org/ro/wfrun/process/0.6",
    });
    assert.equal(
      entity("https://w3id.org/ro/wfrun/process/0.6").version,
      "0.6",
    );
    assert.equal(root.datePublished, "2026-01-02T03:05:35.500Z");
    assert.deepEqual(
      idsOf(root.mentions),
      graph.filter((one) => one["@type"] === "CreateAction")
        .map((one) => one["@id"]),
    );
  });

  it("tells of each stage its program, times, values, inputs and results", () => {
    const stage1 = entity("#stage1-stage1000000");
    assert.match(String(stage1.description), /on llvmpipe/);
    assert.equal(stage1.startTime, "2026-01-02T03:04:05.000Z");
    assert.equal(stage1.endTime, "2026-01-02T03:05:35.500Z");
    assert.deepEqual(idsOf(stage1.object), [
      "download/training/patches.bin",
      "#stage1/lr",
    ]);
    assert.equal(entity("#stage1/lr").value, 0.0033);
    assert.deepEqual(idsOf(stage1.result), ["stage1/model.safetensors"]);
    const program = entity((stage1.instrument as Entity)["@id"]);
    assert.equal(program.softwareVersion, "0123456789abcdef");
    assert.deepEqual(
      idsOf(program.softwareRequirements).map((id) => [
        entity(id).name,
        entity(id).softwareVersion,
      ]),
      [["Deno", "2.9.6"], ["fast-png", "8.0.0"]],
    );
    const download = entity("#download-download0000");
    const [photograph] = idsOf(download.object);
    assert.equal(entity(photograph).sha256, "ef".repeat(32));
  });

  it("names files by place, size and digest, and a folder of many by itself", () => {
    assert.deepEqual(entity("download/manifest.json"), {
      "@id": "download/manifest.json",
      "@type": "File",
      name: "manifest.json",
      contentSize: "100",
      sha256: "0".padStart(64, "a"),
    });
    assert.match(String(entity("download/hpatches/").description), /^25 files/);
    const extract = entity("#extract-extract00000");
    assert.deepEqual(idsOf(extract.object), [
      "download/hpatches/",
      "stage1/model.safetensors",
    ]);
    assert.equal(entity("extract/a%20file.csv").name, "a file.csv");
  });

  it("says everything once, and refers to nothing that it does not say", () => {
    const ids = graph.map((one) => one["@id"]);
    assert.equal(new Set(ids).size, ids.length);
    const elsewhere = new Set(
      referencesIn(graph).filter((id) => !ids.includes(id)),
    );
    assert.deepEqual([...elsewhere].sort(), [
      "http://schema.org/CompletedActionStatus",
      "https://creativecommons.org/publicdomain/zero/1.0/",
      "https://w3id.org/ro/crate/1.3",
    ]);
    assert.ok(!crateText(facts).includes("somewhere"));
  });

  it("claims no licence where there is none to claim", () => {
    const text = crateText({ ...facts, license: undefined });
    assert.ok(!text.includes("license"));
  });
});
