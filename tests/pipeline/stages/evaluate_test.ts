import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import {
  DataError,
  encodePng,
  patchTypes,
  writeSafetensors,
} from "../../../data/mod.ts";
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
retrieval_k = [15, 5]
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
  writeStrips(join(folder, "download/hpatches"));
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

/** Strips for the golden sequences; patch i is all grey value 10·i. */
function writeStrips(directory: string) {
  for (const { name } of Deno.readDirSync(join(golden, "descriptors"))) {
    const text = Deno.readTextFileSync(
      join(golden, "descriptors", name, "ref.csv"),
    );
    const height = 65 * text.trimEnd().split("\n").length;
    const pixels = Uint8Array.from(
      { length: 65 * height },
      (_, i) => 10 * Math.floor(i / 65 / 65),
    );
    const strip = encodePng({ width: 65, height, pixels });
    Deno.mkdirSync(join(directory, name), { recursive: true });
    for (const type of patchTypes) {
      Deno.writeFileSync(join(directory, name, `${type}.png`), strip);
    }
  }
}

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

async function run(given = config) {
  const context = stageContext(folder, given);
  await evaluate.run(context);
  const [measures, curves, mistakes] = await Promise.all(
    ["measures", "curves", "mistakes"].map(async (name) =>
      JSON.parse(await Deno.readTextFile(join(folder, `output/${name}.json`)))
    ),
  );
  return { context, measures, curves, mistakes };
}

describe("the evaluate stage", () => {
  it("writes every figure of every descriptor", async () => {
    const { measures, context } = await run();
    assert.deepEqual(Object.keys(measures.phototour.set), [
      "trained",
      "pixels",
    ]);
    assert.deepEqual(measures.phototour.set.pixels, {
      fpr95: 0,
      ap: 1,
      auc: 1,
    });
    assert.deepEqual(measures.pairs, { set: 5 });
    assert.deepEqual(measures.sequences.x.length, 4);
    const figures = JSON.parse(
      await Deno.readTextFile(join(golden, "figures.json")),
    ).L2;
    for (const name of ["trained", "pixels"]) {
      const { verification, matching, retrieval } = measures.hpatches.x[name];
      assertClose(verification, figures.verification, 1e-6);
      assertClose(matching, figures.matching, 1e-6);
      assert.deepEqual(Object.keys(retrieval.mean), ["5", "15"]);
      assertClose(retrieval.hard[15], figures.retrieval.hard[15], 1e-6);
    }
    assert.deepEqual(measures.warnings, []);
    assert.deepEqual(context.warnings, []);
  });

  it("writes the curves and the hardest mistakes of every descriptor", async () => {
    const { curves, mistakes, measures } = await run();
    assert.deepEqual(curves.phototour.set.pixels.roc.y.at(0), 0);
    assert.deepEqual(curves.phototour.set.pixels.roc.y.at(-1), 1);
    for (const name of ["trained", "pixels"]) {
      const { roc, precisionRecall } = curves.hpatches.x[name].hard.intra;
      let area = 0;
      for (let i = 1; i < roc.x.length; i++) {
        area += (roc.x[i] - roc.x[i - 1]) * (roc.y[i] + roc.y[i - 1]) / 2;
      }
      assertClose(
        area,
        measures.hpatches.x[name].verification.hard.intra.auc,
        0.02,
      );
      assert.equal(precisionRecall.x.at(-1), 1);
      assert.ok(mistakes.x[name].length > 3);
      for (const mistake of mistakes.x[name]) {
        assert.ok(mistake.takenDistance <= mistake.rightDistance);
        const { query, taken, right } = mistake.images;
        assert.equal(query, right);
        assert.notEqual(query, taken);
      }
    }
  });

  it("adds intervals when they are asked for", async () => {
    assert.equal((await run()).measures.bootstrap, undefined);
    const { evaluate: all } = config;
    const withIntervals = { ...config, evaluate: { ...all, bootstrap: 30 } };
    const { measures } = await run(withIntervals);
    const { value, replicates } = measures.bootstrap.x.pixels
      .figures["matching.mean"];
    assert.equal(value, measures.hpatches.x.pixels.matching.mean);
    assert.equal(replicates.length, 30);
    assert.deepEqual(
      evaluate.parameters(withIntervals).bootstrap,
      30,
    );
  });

  it("warns of ties, in the log and in the figures' file", async () => {
    await writeDescriptors("pixels", new Float32Array(6));
    const { measures, context } = await run();
    assert.equal(measures.warnings.length, 1);
    assert.match(measures.warnings[0], /decide pixels on set: FPR95 is/);
    assert.deepEqual(context.warnings, measures.warnings);
  });

  it("tells once, whatever the descriptors, which pool sizes it leaves out", async () => {
    const evaluateKeys = { ...config.evaluate, retrieval_k: [15, 5, 40] };
    const { measures, context } = await run({
      ...config,
      evaluate: evaluateKeys,
    });
    for (const name of ["trained", "pixels"]) {
      const { mean } = measures.hpatches.x[name].retrieval;
      assert.deepEqual(Object.keys(mean), ["5", "15"]);
    }
    assert.match(
      measures.warnings[0],
      /^retrieval of split x leaves out k = 40: its largest pool has \d+ entries; measured at k = 5, 15$/,
    );
    assert.equal(measures.warnings.length, 1);
    assert.deepEqual(context.warnings, measures.warnings);
  });

  it("takes its turn at the GPU for the tasks that may compare there", () => {
    const withTasks = (tasks: string) =>
      parseConfig(`[evaluate]\ntasks = [${tasks}]\n`, "test.toml");
    assert.equal(evaluate.usesGpu!(withTasks('"matching"')), true);
    assert.equal(
      evaluate.usesGpu!(withTasks('"phototour", "verification"')),
      false,
    );
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
      { stage: "download", paths: ["test", "tasks", "hpatches"] },
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
