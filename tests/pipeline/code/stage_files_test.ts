import assert from "node:assert/strict";
import { dirname, join } from "@std/path";
import { after, before, describe, it } from "@std/testing/bdd";
import { stages } from "../../../pipeline/graph.ts";
import { roomNames, roomOf } from "../../helpers/architecture/rooms.ts";
import { projectDirectory } from "../../helpers/command_line.ts";
import {
  sourceFiles,
  type StageFiles,
  stageFiles,
  type StageName,
  stageNames,
  stageTable,
  withTable,
} from "../../helpers/pipeline/stage_files.ts";

/** Rooms whose code changes no bit of a result. */
const forbiddenRooms = [
  ...["public face", "command line", "commands", "entry points", "graph"],
  ...["report", "adapter", "slurm", "remote", "engine", "store", "code", "log"],
  "tuning",
];

/** Files of those rooms that may be in a key all the same. */
const exceptions = ["pipeline/adapter/training_budget.ts"];

/** What else each stage does not do: no file in its key has such a path. */
const foreign: Record<StageName, RegExp> = {
  // Samples of pairs are drawn by the random numbers that shaders use too.
  download:
    /^gpu\/(?!random_bits\.ts$)|^pipeline\/(training|descriptors|evaluation|metrics)\//,
  stage1:
    /^pipeline\/(evaluation|baselines)\/|\/search\/|^data\/(csv|images)\//,
  stage2:
    /^pipeline\/(evaluation|baselines)\/|\/search\/|^data\/(csv|images)\//,
  extract:
    // The tiles of all kernels stand in one table.
    /^pipeline\/(training|evaluation|metrics)\/|^gpu\/(?!tiles\/).*(backward|gradient|winograd|loss|trainer|adam|augment|accumulate)/,
  evaluate: /^pipeline\/(training|baselines)\/|^gpu\/nn\/|\/convolution\//,
};

/** Replacements that change what a file does, and the stages that they make stale. */
const changes: [path: string, from: string, to: string, stale: StageName[]][] =
  [
    ["gpu/tuning/tune.ts", "const rounds = 5;", "const rounds = 6;", []],
    [
      "pipeline/adapter/prepare_adapter.ts",
      "const mostTuningMs = 20_000;",
      "const mostTuningMs = 30_000;",
      [],
    ],
    [
      "pipeline/log.ts",
      "const redrawIntervalMs = 100;",
      "const redrawIntervalMs = 200;",
      [],
    ],
    [
      "pipeline/progress_meter.ts",
      "const windowMs = 60_000;",
      "const windowMs = 90_000;",
      [],
    ],
    [
      "pipeline/report/pictures/bar_chart.ts",
      "const gap = 56;",
      "const gap = 57;",
      [],
    ],
    [
      "pipeline/report/html_report.ts",
      "font-size: 30px",
      "font-size: 31px",
      [],
    ],
    ["pipeline/commands/status.ts", 'summary: "', 'summary: "now ', []],
    ["pipeline/commands/extract.ts", '"batch-size"', '"batch"', []],
    ["pipeline/engine/runner.ts", ".sort(byName)", ".sort()", []],
    [
      "data/photographs/geometric_noise.ts",
      "const largestShift = 0.13;",
      "const largestShift = 0.14;",
      ["download"],
    ],
    [
      "data/patches/batch_sampler.ts",
      "return",
      "debugger; return",
      ["stage1", "stage2"],
    ],
    [
      // Nothing imports it: it is a thread's.
      "pipeline/training/batches/batch_worker.ts",
      "return",
      "debugger; return",
      ["stage1", "stage2"],
    ],
    [
      "gpu/wgsl/loss/descriptor_loss.wgsl",
      "fn main(",
      "fn unused() {}\nfn main(",
      ["stage1", "stage2"],
    ],
    [
      "gpu/wgsl/optimizer/adam.wgsl",
      "fn main(",
      "fn unused() {}\nfn main(",
      ["stage1", "stage2"],
    ],
    [
      "gpu/wgsl/convolution/conv3x3_weight_gradient.wgsl",
      "fn main(",
      "fn unused() {}\nfn main(",
      ["stage1", "stage2"],
    ],
    [
      "gpu/wgsl/convolution/conv3x3.wgsl",
      "fn main(",
      "fn unused() {}\nfn main(",
      ["stage1", "stage2", "extract"],
    ],
    [
      "pipeline/training/annealing.ts",
      "return",
      "debugger; return",
      ["stage2"],
    ],
    [
      "pipeline/baselines/gradient_histogram.ts",
      "const largestValue = 0.2;",
      "const largestValue = 0.3;",
      ["extract"],
    ],
    [
      "gpu/wgsl/search/nearest_rows.wgsl",
      "fn main(",
      "fn unused() {}\nfn main(",
      ["evaluate"],
    ],
    [
      "pipeline/metrics/fpr95.ts",
      "const recallPoint = 0.95;",
      "const recallPoint = 0.9;",
      ["stage1", "stage2", "evaluate"],
    ],
  ];

describe("the key of each stage", () => {
  let files: StageFiles;
  before(async () => {
    files = await stageFiles(projectDirectory);
  });

  it("is known here for every stage", () => {
    assert.deepEqual(stages.map(({ name }) => name), [...stageNames]);
  });

  it("holds no file that changes no bit of its result", () => {
    assert.deepEqual(
      forbiddenRooms.filter((room) => !roomNames.includes(room)),
      [],
    );
    for (const name of stageNames) {
      const paths = Object.keys(files[name]);
      assert.ok(paths.includes(`pipeline/stages/${name}.ts`));
      assert.deepEqual(
        paths.filter((path) =>
          forbiddenRooms.includes(roomOf(path)!) && !exceptions.includes(path)
        ),
        [],
        name,
      );
    }
  });

  it("holds no file of what the stage does not do", () => {
    for (const name of stageNames) {
      assert.deepEqual(
        Object.keys(files[name]).filter((path) => foreign[name].test(path)),
        [],
        name,
      );
    }
  });

  it("holds how a device is opened, for every stage that opens one", () => {
    for (const name of stageNames) {
      assert.equal("gpu/device.ts" in files[name], name !== "download", name);
    }
  });

  it("is what docs/structure.md tells of every source file", () => {
    const page = Deno.readTextFileSync(
      join(projectDirectory, "docs/structure.md"),
    );
    const sources = sourceFiles(projectDirectory);
    const table = stageTable(sources, files);
    assert.equal(page, withTable(page, table), "type `./run structure`");
    for (const path of sources) {
      assert.ok(table.includes(`\`${path.split("/").at(-1)}\``), path);
    }
  });
});

describe("a change of code", () => {
  let clone = "";
  let unchanged: StageFiles;
  before(async () => {
    clone = Deno.makeTempDirSync({ prefix: "stage-files-" });
    const settings = ["deno.json", "deno.lock", "web/deno.json"];
    for (const path of [...sourceFiles(projectDirectory), ...settings]) {
      Deno.mkdirSync(dirname(join(clone, path)), { recursive: true });
      Deno.copyFileSync(join(projectDirectory, path), join(clone, path));
    }
    unchanged = await stageFiles(clone);
  });
  after(() => Deno.removeSync(clone, { recursive: true }));

  for (const [path, from, to, stale] of changes) {
    it(`of ${path} makes ${stale.join(", ") || "no stage"} stale`, async () => {
      const place = join(clone, path);
      const text = Deno.readTextFileSync(place);
      assert.ok(text.includes(from), `${path} has no ${from}`);
      Deno.writeTextFileSync(place, text.replace(from, to));
      try {
        const now = await stageFiles(clone);
        assert.deepEqual(
          stageNames.filter((name) =>
            JSON.stringify(now[name]) !== JSON.stringify(unchanged[name])
          ),
          stale,
        );
      } finally {
        Deno.writeTextFileSync(place, text);
      }
    });
  }
});
