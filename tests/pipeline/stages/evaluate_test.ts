import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { DataError, writeSafetensors } from "../../../data/mod.ts";
import { parseConfig } from "../../../pipeline/config.ts";
import { evaluate } from "../../../pipeline/stages/evaluate.ts";
import { assertClose } from "../../helpers/closeness.ts";
import { stageContext } from "./context.ts";

const golden = fileURLToPath(
  new URL("../../golden/evaluation/plain", import.meta.url),
);

const config = parseConfig(
  `[extract]
descriptors = ["pixels", "trained"]
[evaluate]
tasks = ["phototour", "verification", "matching", "retrieval"]
splits = ["x"]
retrieval_k = [40, 5]
`,
  "test.toml",
);

let folder: string;

beforeEach(async () => {
  folder = await Deno.makeTempDir();
  for (const name of ["download/test/set", "extract/test/set", "output"]) {
    await Deno.mkdir(join(folder, name), { recursive: true });
  }
  await Deno.symlink(join(golden, "tasks"), join(folder, "download/tasks"));
  for (const descriptor of ["pixels", "trained"]) {
    await Deno.symlink(
      join(golden, "descriptors"),
      join(folder, "extract", descriptor),
    );
    await writeDescriptors(descriptor, Float32Array.of(0, 1, 3, 3.5, 9, 7));
  }
  // Distances 1, 0.5, 2 of matches and 2.5, 5.5 of non-matches.
  await Deno.writeTextFile(
    join(folder, "download/test/set/pairs.txt"),
    ["0 7 0 1 7 0", "1 7 0 3 8 0", "2 8 0 3 8 0", "4 9 0 5 9 0", "3 8 0 4 9 0"]
      .map((line) => `${line}\n`).join(""),
  );
});

afterEach(async () => {
  await Deno.remove(folder, { recursive: true });
});

function writeDescriptors(name: string, data: Float32Array<ArrayBuffer>) {
  return writeSafetensors(
    join(folder, `extract/test/set/${name}.safetensors`),
    new Map([["descriptors", {
      dtype: "F32",
      shape: [data.length, 1],
      data,
    }]]),
  );
}

async function run() {
  const context = stageContext(folder, config);
  await evaluate.run(context);
  const text = await Deno.readTextFile(join(folder, "output/measures.json"));
  return { context, measures: JSON.parse(text) };
}

describe("the evaluate stage", () => {
  it("writes every figure of every descriptor", async () => {
    const { measures, context } = await run();
    assert.deepEqual(Object.keys(measures.phototour.set), [
      "trained",
      "pixels",
    ]);
    assert.deepEqual(measures.phototour.set.pixels, { fpr95: 0, ap: 1 });
    const figures = JSON.parse(
      await Deno.readTextFile(join(golden, "figures.json")),
    ).L2;
    for (const name of ["trained", "pixels"]) {
      const { verification, matching, retrieval } = measures.hpatches.x[name];
      assertClose(verification, figures.verification, 1e-6);
      assertClose(matching, figures.matching, 1e-6);
      assert.deepEqual(Object.keys(retrieval.mean), ["5", "40"]);
      assertClose(retrieval.hard[40], figures.retrieval.hard[40], 1e-6);
    }
    assert.deepEqual(measures.warnings, []);
    assert.deepEqual(context.warnings, []);
  });

  it("warns of ties, in the log and in the figures' file", async () => {
    await writeDescriptors("pixels", new Float32Array(6));
    const { measures, context } = await run();
    assert.equal(measures.warnings.length, 1);
    assert.match(measures.warnings[0], /decide pixels on set: FPR95 is/);
    assert.deepEqual(context.warnings, measures.warnings);
  });

  it("refuses descriptors that are not finite, or too few", async () => {
    await writeDescriptors("trained", Float32Array.of(0, 1, NaN, 3, 4, 5));
    await assert.rejects(run(), (error: unknown) => {
      assert.ok(error instanceof DataError);
      assert.match(
        error.message,
        /trained\.safetensors: row 3, value 1: found NaN, wanted a finite/,
      );
      return true;
    });
    await writeDescriptors("trained", new Float32Array(5));
    await assert.rejects(
      run(),
      /pairs\.txt:4: found patch "5", wanted an integer from 0 to 4/,
    );
  });

  it("refuses pairs that all match", async () => {
    await Deno.writeTextFile(
      join(folder, "download/test/set/pairs.txt"),
      "0 7 0 1 7 0\n",
    );
    await assert.rejects(
      run(),
      /pairs\.txt: found 1 matching of 1 pairs, wanted both/,
    );
  });

  it("reads and depends on nothing that its tasks do not need", () => {
    const { evaluate: all } = config;
    assert.deepEqual(evaluate.inputs(config), [
      { stage: "download", paths: ["test", "tasks"] },
      { stage: "extract", paths: ["test", "pixels", "trained"] },
    ]);
    const pairsOnly = {
      ...config,
      evaluate: { ...all, tasks: ["phototour" as const] },
    };
    assert.deepEqual(evaluate.inputs(pairsOnly), [
      { stage: "download", paths: ["test"] },
      { stage: "extract", paths: ["test"] },
    ]);
    assert.deepEqual(evaluate.parameters(pairsOnly), { tasks: ["phototour"] });
    assert.deepEqual(Object.keys(evaluate.parameters(config)), [
      "tasks",
      "splits",
      "retrieval_k",
    ]);
  });
});
