import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { PipelineError } from "../../../pipeline/errors.ts";
import type { Findings } from "../../../pipeline/evaluation/findings_schema.ts";
import { prettyJson } from "../../../pipeline/files/pretty_json.ts";
import {
  readFindings,
  readLeaks,
} from "../../../pipeline/report/read_findings.ts";

const line = { x: [0, 1], y: [0.5, 1] };
const curves = { roc: line, precisionRecall: line };

const findings: Findings = {
  measures: {
    phototour: { liberty: { trained: { fpr95: 0.1, ap: 0.9, auc: 0.95 } } },
    hpatches: {
      full: {
        trained: { matching: { easy: 0.9, hard: 0.6, tough: 0.3, mean: 0.6 } },
      },
    },
    image_pairs: {
      photos: {
        trained: {
          ratio: 0.9,
          tuned: true,
          pairs: 2,
          matches: 10.5,
          estimated: 0.5,
          figures: { mma_3: 0.75, recall_3: null },
        },
      },
    },
    pairs: { liberty: 100 },
    sequences: { full: ["i_a"] },
    warnings: [],
  },
  curves: {
    phototour: { liberty: { trained: curves } },
    hpatches: {
      full: { trained: { easy: { inter: curves }, hard: {}, tough: {} } },
    },
  },
  mistakes: {
    full: {
      trained: [{
        sequence: "i_a",
        noise: "hard",
        image: 1,
        patch: 2,
        taken: 3,
        rightDistance: 0.5,
        takenDistance: 0.25,
        images: { query: "", taken: "", right: "" },
      }],
    },
  },
  shown_pairs: [{
    set: "photos",
    sequence: "wall",
    left: { width: 2, height: 1, png: "" },
    right: { width: 3, height: 1, png: "" },
    matches: { trained: [[0.5, 0.5, 1.5, 0.5, true]] },
  }],
};

describe("readFindings", () => {
  let folder: string;
  beforeEach(() => {
    folder = Deno.makeTempDirSync();
    for (const [name, value] of Object.entries(findings)) write(name, value);
  });
  afterEach(() => Deno.removeSync(folder, { recursive: true }));

  function write(name: string, value: unknown) {
    Deno.writeTextFileSync(join(folder, `${name}.json`), prettyJson(value));
  }

  function refusal(): string {
    try {
      readFindings(folder);
    } catch (error) {
      assert.ok(error instanceof PipelineError);
      return error.message;
    }
    assert.fail("read");
  }

  it("reads what was written", () => {
    assert.deepEqual(readFindings(folder), findings);
  });

  it("names what is not what evaluate writes", () => {
    write("measures", { ...findings.measures, pairs: { liberty: "many" } });
    assert.match(
      refusal(),
      /measures\.json: found "many" at pairs\.liberty, wanted what the stage evaluate writes; run evaluate again$/,
    );
    Deno.removeSync(join(folder, "measures.json"));
    assert.match(refusal(), /measures\.json: found /);
  });
});

describe("readLeaks", () => {
  it("gives what the manifest tells, and nothing where older code wrote it", () => {
    const folder = Deno.makeTempDirSync();
    const path = join(folder, "manifest.json");
    const leaks = (manifest: unknown) => {
      Deno.writeTextFileSync(path, JSON.stringify(manifest));
      return readLeaks(folder);
    };
    assert.deepEqual(leaks({ source: "photos", leaks: ["a", "b"] }), [
      "a",
      "b",
    ]);
    assert.deepEqual(leaks({ source: "photos" }), []);
    assert.throws(
      () => leaks({ leaks: [1] }),
      /^PipelineError: Cannot report the results: .*manifest\.json: found .*, wanted what the stage download writes; run download again$/,
    );
    Deno.removeSync(folder, { recursive: true });
  });
});
