import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import type { ImagePairMeasures } from "../../pipeline/evaluation/measures.ts";
import { projectDirectory, runCli } from "../helpers/command_line.ts";
import {
  allStages,
  computedWorkplace,
  copyProject,
  reproduce,
  reproduceTimed,
  stagesOf,
  status,
  workplace,
} from "../helpers/pipeline/tiny_pipeline.ts";

/** Checks that `value` has exactly these keys and returns it. */
function keysOf(value: unknown, keys: string[]): Record<string, unknown> {
  assert.deepEqual(Object.keys(value as object).sort(), [...keys].sort());
  return value as Record<string, unknown>;
}

function checkFractions(value: unknown, keys: string[]): void {
  for (const [key, figure] of Object.entries(keysOf(value, keys))) {
    const isFraction = typeof figure === "number" && figure >= 0 && figure <= 1;
    assert.ok(isFraction, `${key} = ${figure}`);
  }
}

describe("reproduce", () => {
  it("runs every stage from nothing and writes a table and results.json", async () => {
    const { folder, finished } = await computedWorkplace();
    assert.deepEqual(stagesOf(finished), { ran: allStages, fresh: [] });
    assert.match(finished.stdout, /^ {2}trained +\d/m);
    const run = join(folder, "runs/tiny");
    const results = JSON.parse(
      Deno.readTextFileSync(join(run, "results.json")),
    );
    keysOf(results, [
      ...["config", "phototour", "hpatches", "image_pairs", "pairs"],
      ...["sequences", "warnings", "expect", "stages", "adapter"],
    ]);
    assert.equal(results.config.name, "tiny");
    const { photos } = keysOf(results.phototour, ["photos"]);
    const descriptors = ["trained", "pixels"];
    for (const figures of Object.values(keysOf(photos, descriptors))) {
      checkFractions(figures, ["fpr95", "ap", "auc"]);
    }
    const { full } = keysOf(results.hpatches, ["full"]);
    const noises = ["easy", "hard", "tough"];
    for (const descriptor of Object.values(keysOf(full, descriptors))) {
      const tasks = keysOf(descriptor, [
        ...["verification", "matching", "retrieval"],
      ]);
      for (const at of Object.values(keysOf(tasks.verification, noises))) {
        const kinds = keysOf(at, ["inter", "intra"]);
        checkFractions(kinds.inter, ["auc", "ap"]);
        checkFractions(kinds.intra, ["auc", "ap"]);
      }
      checkFractions(tasks.matching, [...noises, "mean"]);
      const retrieval = keysOf(tasks.retrieval, [...noises, "mean"]);
      for (const cuts of Object.values(retrieval)) {
        // The tiny set has no pool of 20, the other size it asks for.
        checkFractions(cuts, ["10"]);
      }
    }
    const imagePairs = keysOf(results.image_pairs, ["photos"]).photos;
    for (const measures of Object.values(keysOf(imagePairs, descriptors))) {
      const { tuned, pairs, estimated, figures } =
        measures as ImagePairMeasures;
      assert.deepEqual([tuned, pairs], [true, 2]);
      assert.ok(estimated >= 0 && estimated <= 1);
      assert.ok(figures.mma_10! >= figures.mma_1!, JSON.stringify(figures));
    }
    for (const stage of Object.values(keysOf(results.stages, allStages))) {
      const { key, fresh, seconds } = keysOf(stage, [
        ...["key", "fresh", "seconds"],
      ]);
      assert.match(String(key), /^[0-9a-f]{64}$/);
      assert.equal(fresh, false);
      assert.ok(Number(seconds) > 0);
    }
    assert.ok(Object.keys(results.adapter).length > 0);
    const drawn = ["figures/fpr95.svg", "figures/matched_pair.svg"];
    for (const name of ["results.md", "report.html", ...drawn]) {
      assert.ok(Deno.statSync(join(run, name)).size > 0, name);
    }
    for (const stage of ["stage1", "stage2"]) {
      assert.ok(Deno.statSync(join(run, stage, "model.safetensors")).isFile);
    }
  });

  it("run a second time runs no stage and takes 2 s of a processor at most", async () => {
    const { folder, finished } = await computedWorkplace();
    const startMs = performance.now();
    const second = await reproduceTimed(folder);
    const tookMs = performance.now() - startMs;
    assert.deepEqual(stagesOf(second), { ran: [], fresh: allStages });
    assert.equal(second.stdout, finished.stdout);
    assert.ok(second.workedSeconds <= 2, `${second.workedSeconds} s`);
    // It does not wait for anything either, but a busy machine lets it wait.
    assert.ok(tookMs <= 60_000, `${tookMs} ms`);
  });

  it("leaves a network that can be written with its model card, the same each time", async () => {
    const { folder } = await computedWorkplace();
    const write = async (out: string) => {
      const args = ["card", "tiny.toml", "--out", out];
      const { code, stdout, stderr } = await runCli(args, { cwd: folder });
      assert.equal(code, 0, stderr);
      return stdout.trim().split("\n").map((path) =>
        Buffer.from(Deno.readFileSync(join(folder, path))).toString("base64")
      );
    };
    const files = await write("runs/card/one");
    assert.deepEqual(await write("runs/card/two"), files);
    const trained = join(folder, "runs/tiny/stage2/model.safetensors");
    const network = Buffer.from(Deno.readFileSync(trained)).toString("base64");
    assert.equal(files[0], network);
    const [, card, config] = files.map((text) =>
      Buffer.from(text, "base64").toString()
    );
    assert.match(card, /^---\nlicense: other\n/);
    assert.match(card, /\| a \| training, \d+ keypoints \| [0-9a-f]{16} \|/);
    assert.match(card, /\| trained \| \d+\.\d\d \|/);
    assert.equal(JSON.parse(config).parameters, 1_336_355);
  });

  it("leaves a run folder that can be made a crate, unless a result was altered", async () => {
    const { folder } = await computedWorkplace();
    const run = () => runCli(["crate", "tiny.toml"], { cwd: folder });
    const { code, stdout, stderr } = await run();
    assert.equal(code, 0, stderr);
    const path = join(folder, stdout.trim());
    const text = Deno.readTextFileSync(path);
    const { "@graph": graph } = JSON.parse(text);
    const actions = graph.filter((entity: { "@type": string }) =>
      entity["@type"] === "CreateAction"
    );
    assert.deepEqual(
      actions.map(({ name }: { name: string }) => name.split(":")[0]),
      allStages,
    );
    assert.ok(!text.includes(folder));
    const metrics = join(folder, "runs/tiny/stage1/metrics.jsonl");
    const before = Deno.readFileSync(metrics);
    Deno.writeTextFileSync(metrics, "altered");
    const refused = await run();
    Deno.writeFileSync(metrics, before);
    assert.equal(refused.code, 2);
    assert.equal(
      refused.stderr,
      "Cannot write the crate: runs/tiny/ro-crate-metadata.json: found stage1/metrics.jsonl missing or altered in the run folder, wanted the results as they were computed; run `./run reproduce` first, which puts them back\n",
    );
  });

  it("compares with published figures without running anything, and fails for them only when asked", async () => {
    const { folder } = await computedWorkplace();
    const run = (figure: string, ...flags: string[]) =>
      runCli([
        "reproduce",
        "tiny.toml",
        `--set=expect.figures=["${figure}"]`,
        ...flags,
      ], { cwd: folder });
    const missed = await run("matching full 100 ± 0");
    assert.equal(missed.code, 0, missed.stderr);
    assert.deepEqual(stagesOf(missed), { ran: [], fresh: allStages });
    assert.match(missed.stdout, /^ {2}matching full +100\.00 .* missed$/m);
    const [row] = JSON.parse(
      Deno.readTextFileSync(join(folder, "runs/tiny/results.json")),
    ).expect;
    assert.deepEqual([row.value, row.verdict], [1, "missed"]);
    const check = "--check-expectations";
    assert.equal((await run("matching full 100 ± 0", check)).code, 1);
    assert.equal((await run("matching full 0 ± 0", check)).code, 0);
    assert.equal((await run("matching b 0 ± 0", check)).code, 1);
  });

  it("runs evaluate alone when a key of [evaluate] changed", async () => {
    const { folder } = await computedWorkplace();
    const change = "evaluate.retrieval_k=[15]";
    assert.deepEqual(stagesOf(await reproduce(folder, change)), {
      ran: ["evaluate"],
      fresh: allStages.slice(0, -1),
    });
  });

  it("until evaluate reports the figures of what it ran, and the dry run tells the same stages", async () => {
    const { folder } = await computedWorkplace();
    const run = join(folder, "runs/tiny");
    const results = () =>
      JSON.parse(Deno.readTextFileSync(join(run, "results.json")));
    await reproduce(folder);
    const before = results();
    const checkpoint = join(folder, "other.safetensors");
    // The first stage's network in place of the last's: another model, without training it.
    Deno.copyFileSync(join(run, "stage1/model.safetensors"), checkpoint);
    const flags = [
      "reproduce",
      "tiny.toml",
      `--set=extract.checkpoint="${checkpoint}"`,
      "--until=evaluate",
    ];
    const planned = await runCli([...flags, "--dry-run", "--json"], {
      cwd: folder,
    });
    const [{ stages }] = JSON.parse(planned.stdout);
    const wanted = ["download", "extract", "evaluate"];
    assert.deepEqual(
      stages.map(({ stage }: { stage: string }) => stage),
      wanted,
    );
    const finished = await runCli(flags, { cwd: folder });
    assert.equal(finished.code, 0, finished.stderr);
    assert.deepEqual(stagesOf(finished), {
      ran: ["extract", "evaluate"],
      fresh: ["download"],
    });
    const after = results();
    assert.deepEqual(Object.keys(after.stages).sort(), wanted.toSorted());
    assert.notEqual(after.stages.extract.key, before.stages.extract.key);
    const measures = JSON.parse(
      Deno.readTextFileSync(join(run, "evaluate/measures.json")),
    );
    assert.deepEqual(after.hpatches, measures.hpatches);
    assert.match(finished.stdout, /^ {2}trained +\d/m);
    // Another stage alone: what it leaves is not what the report tells of.
    const changed = ["reproduce", "tiny.toml", "--until=extract"];
    assert.equal((await runCli(changed, { cwd: folder })).code, 0);
    for (const name of ["results.json", "results.md", "report.html"]) {
      assert.throws(() => Deno.statSync(join(run, name)), Deno.errors.NotFound);
    }
    assert.deepEqual(stagesOf(await reproduce(folder)).ran, []);
    assert.deepEqual(results().hpatches, before.hpatches);
  });

  it("refuses to check the figures of a run that measures none", async () => {
    const { folder } = await computedWorkplace();
    for (const other of ["--dry-run", "--until=extract"]) {
      const { code, stderr } = await runCli([
        "reproduce",
        "tiny.toml",
        "--check-expectations",
        other,
      ], { cwd: folder });
      assert.equal(code, 2);
      assert.match(
        stderr,
        /^Cannot check expectations: found --check-expectations with --(dry-run|until extract), wanted a run that ends with evaluate\n$/,
      );
    }
  });

  it("runs stage 1 and what depends on its bytes when its lr changed", async () => {
    const { folder } = await computedWorkplace();
    const changed = await reproduce(folder, "stage1.lr=0.01");
    assert.deepEqual(stagesOf(changed), {
      ran: allStages.slice(1),
      fresh: ["download"],
    });
    assert.match(
      changed.stderr,
      /^stage1: runs because params\.lr 0\.0033 → 0\.01$/m,
    );
    assert.match(
      changed.stderr,
      /^stage2: runs because input stage1: model\.safetensors [0-9a-f]{8} → [0-9a-f]{8}$/m,
    );
    // Back again: both results are in the store.
    assert.deepEqual(stagesOf(await reproduce(folder)).ran, []);
  });

  it("gives byte-identical models from nothing in another folder", async () => {
    const { folder } = await computedWorkplace();
    const other = await workplace();
    // The models are the point; nothing that comes after them.
    await reproduce(
      other,
      'extract.descriptors=["pixels"]',
      'evaluate.tasks=["phototour"]',
    );
    for (const stage of ["stage1", "stage2"]) {
      const [model, same] = [folder, other].map((place) =>
        Deno.readFileSync(join(place, "runs/tiny", stage, "model.safetensors"))
      );
      assert.ok(model.length > 1e6);
      assert.ok(Buffer.from(model).equals(same), stage);
    }
  });

  it("that stops at a loss that is not a number says where, and leaves no result", async () => {
    const { folder } = await computedWorkplace();
    const runs = () =>
      [...Deno.readDirSync(join(folder, "runs"))].map(({ name }) => name);
    const before = runs();
    const { code, stdout, stderr } = await runCli([
      "reproduce",
      "tiny.toml",
      "--quiet",
      "--set=name=diverged",
      "--set=stage1.lr=1e30",
      "--set=stage1.save_every_steps=1",
    ], { cwd: folder });
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.match(
      stderr,
      /^Cannot train: stage1 step [12]: found .+ not finite, wanted finite numbers; lower lr, or look at .*metrics\.jsonl; the last good checkpoint is [^\n]+\n$/,
    );
    assert.deepEqual(runs().filter((name) => !before.includes(name)), [
      "diverged",
    ]);
    assert.deepEqual(
      [...Deno.readDirSync(join(folder, "runs/diverged"))].map((entry) =>
        entry.name
      ),
      ["download"],
    );
  });
});

describe("status", () => {
  it("takes no notice of comments, nor of where the program lies", async () => {
    const { folder } = await computedWorkplace();
    const clone = await copyProject();
    const edited = join(clone, "pipeline/training/train.ts");
    const shader = join(clone, "gpu/wgsl/normalization/frn_tlu.wgsl");
    for (const path of [edited, shader]) {
      const text = Deno.readTextFileSync(path);
      Deno.writeTextFileSync(path, `// A remark.\n${text}`);
    }
    assert.equal((await status(folder, clone, "tiny.toml")).code, 0);
    // A change of meaning, for comparison.
    const text = Deno.readTextFileSync(edited);
    Deno.writeTextFileSync(edited, `${text}export const more = 1;\n`);
    const { plan } = await status(folder, clone, "tiny.toml");
    assert.deepEqual(
      plan.stages.map(({ state }) => state),
      ["fresh", "stale", "blocked", "blocked", "blocked"],
    );
  });

  it("gives the bundled photographs the same key in every clone", async () => {
    const { folder } = await computedWorkplace();
    const clone = await copyProject();
    const smoke = join(projectDirectory, "configs/smoke.toml");
    const [here, there] = await Promise.all(
      [projectDirectory, clone].map((project) =>
        status(folder, project, smoke)
      ),
    );
    const [{ stage, key }] = here.plan.stages;
    assert.equal(stage, "download");
    assert.match(String(key), /^[0-9a-f]{64}$/);
    assert.equal(there.plan.stages[0].key, key);
  });

  it("names a photograph that changed", async () => {
    const { folder } = await computedWorkplace();
    const photograph = join(folder, "photographs/b.png");
    const original = Deno.readFileSync(photograph);
    try {
      // One more byte behind the image's end.
      Deno.writeFileSync(photograph, Uint8Array.of(0), { append: true });
      const { code, stdout } = await runCli(["status", "tiny.toml"], {
        cwd: folder,
      });
      assert.equal(code, 1);
      assert.match(
        stdout,
        /^download +stale +file \S+\/photographs\/b\.png [0-9a-f]{8} → [0-9a-f]{8}$/m,
      );
      assert.match(stdout, /^stage1 +blocked +depends on download$/m);
    } finally {
      Deno.writeFileSync(photograph, original);
    }
  });
});
