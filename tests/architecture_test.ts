import assert from "node:assert/strict";
import { dirname } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { circles, importsOf } from "./helpers/architecture/imports.ts";
import { emptyRooms, roomOf } from "./helpers/architecture/rooms.ts";
import { violations } from "./helpers/architecture/violations.ts";
import { tokenize } from "../pipeline/code/code_tokens.ts";

/** Files of the program below a folder, tests left out. */
function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? filesBelow(path) : [path];
  });
}

const files = [
  "mod.ts",
  ...["pipeline", "gpu", "data", "features", "packaging", "web"].flatMap(
    filesBelow,
  ),
];
const modules = files.filter((path) => path.endsWith(".ts"));

/** Folders may grow to about this many files, and pipeline/ to as many entries again as it has rooms. */
const mostFiles = 26;

describe("the source tree", () => {
  it("keeps to its rooms and its owners of side effects", () => {
    assert.ok(modules.length > 50, `only ${modules.length} files were found`);
    const all = modules.flatMap((path) =>
      violations(path, Deno.readTextFileSync(path))
    );
    assert.deepEqual(all, []);
  });

  it("has a room for every file, and a file in every room", () => {
    assert.deepEqual(files.filter((path) => roomOf(path) === undefined), []);
    assert.deepEqual(emptyRooms(files), []);
  });

  it("has no circle of imports, those of types counted", () => {
    const sources = modules.map((path): [string, string] => [
      path,
      Deno.readTextFileSync(path),
    ]);
    assert.deepEqual(circles(new Map(sources)), []);
  });

  it("has no folder with more files than a table of contents takes", () => {
    const counts = new Map<string, number>();
    for (const path of [...files, ...filesBelow("tests")]) {
      const folder = dirname(path);
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
    assert.deepEqual(
      [...counts].filter(([, count]) => count > mostFiles),
      [],
    );
    assert.ok([...Deno.readDirSync("pipeline")].length <= 33);
  });
});

describe("the check of the source tree", () => {
  const forbidden: [path: string, source: string][] = [
    ["data/images/png.ts", 'import { openGpu } from "../../gpu/mod.ts";'],
    [
      "data/images/png.ts",
      'import type { Config } from "../../pipeline/config.ts";',
    ],
    ["data/images/png.ts", 'import { x } from "../published/hpatches.ts";'],
    [
      "data/published/hpatches.ts",
      'import { x } from "../photographs/photos.ts";',
    ],
    ["gpu/tensor.ts", 'import { x } from "../data/mod.ts";'],
    ["gpu/tensor.ts", 'import { x } from "../pipeline/log.ts";'],
    ["gpu/tensor.ts", 'import { join } from "@std/path";'],
    ["gpu/tensor.ts", 'import { x } from "./ops/optimizers/adam.ts";'],
    ["gpu/tensor.ts", 'import { x } from "./nn/network.ts";'],
    ["gpu/device.ts", 'import { x } from "./tensor.ts";'],
    ["gpu/ops/conv2d.ts", 'import { x } from "./adam.ts";'],
    ["gpu/ops/conv2d.ts", 'import { x } from "../nn/network.ts";'],
    ["gpu/ops/conv2d.ts", 'import { x } from "../mod.ts";'],
    ["gpu/nn/network.ts", 'import { x } from "../tuning/tune.ts";'],
    ["gpu/nn/networks.ts", 'import { x } from "./network.ts";'],
    ["gpu/nn/losses.ts", 'import { x } from "../ops/descriptor_loss.ts";'],
    ["pipeline/config/schema.ts", 'import { x } from "../../gpu/mod.ts";'],
    ["pipeline/metrics/fpr95.ts", 'import { x } from "../log.ts";'],
    ["pipeline/metrics/fpr95.ts", 'import { x } from "fflate";'],
    ["pipeline/metrics/fpr95.ts", 'export * from "../../data/mod.ts";'],
    ["pipeline/stages/stage1.ts", 'import { x } from "../../gpu/device.ts";'],
    [
      "pipeline/stages/stage1.ts",
      'import { x } from "../../data/images/png.ts";',
    ],
    ["pipeline/stages/stage1.ts", 'import { stage2 } from "./stage2.ts";'],
    ["pipeline/stages/stage1.ts", 'import { x } from "../store/store.ts";'],
    ["pipeline/stages/stage1.ts", 'import { x } from "../graph.ts";'],
    [
      "pipeline/training/train.ts",
      'import { x } from "../../gpu/ops/optimizers/adam.ts";',
    ],
    ["pipeline/training/train.ts", 'import { x } from "../engine/runner.ts";'],
    ["pipeline/engine/runner.ts", 'import { x } from "../stages/stage1.ts";'],
    [
      "pipeline/engine/runner.ts",
      'const x = await import("../stages/stage1.ts");',
    ],
    ["pipeline/engine/runner.ts", 'import { x } from "../graph.ts";'],
    ["pipeline/engine/runner.ts", 'import { x } from "../cli.ts";'],
    ["pipeline/engine/planner.ts", 'import { x } from "../../gpu/mod.ts";'],
    [
      "pipeline/engine/runner.ts",
      'import { x } from "../../data/images/png.ts";',
    ],
    ["pipeline/store/store.ts", 'import { x } from "../engine/planner.ts";'],
    ["pipeline/graph.ts", 'import { x } from "./engine/runner.ts";'],
    ["pipeline/config.ts", 'import { x } from "./training/train.ts";'],
    ["pipeline/commands/status.ts", 'import "../stages/stage1.ts";'],
    ["pipeline/cli.ts", 'import { x } from "../gpu/device.ts";'],
    ["pipeline/log.ts", 'import { x } from "../tests/helpers/x.ts";'],
    ["elsewhere/x.ts", 'import { x } from "../mod.ts";'],
    ["pipeline/homeless.ts", 'import { x } from "./errors.ts";'],
    ["gpu/homeless.ts", 'import { x } from "./errors.ts";'],
    ["pipeline/engine/corner/homeless.ts", 'import { x } from "../runner.ts";'],
    ["pipeline/engine/runner.ts", 'import { x } from "../homeless.ts";'],
    ["gpu/tensor.ts", "const gpu = navigator.gpu;"],
    ["gpu/tensor.ts", "await navigator.gpu?.requestAdapter();"],
    ["gpu/device.ts", 'Deno.readTextFileSync("x.wgsl");'],
    ["features/mod.ts", "Deno.readFileSync(path);"],
    ["web/worker/main.ts", "Deno.readFileSync(path);"],
    ["web/page/app.ts", 'import { openGpu } from "../../gpu/mod.ts";'],
    ["web/page/app.ts", "await fetch(url);"],
    ["features/patches/sampling.ts", 'import "../../data/mod.ts";'],
    ["features/geometry/robust_fit.ts", 'import "../../pipeline/log.ts";'],
    ["features/matching/nearest_two.ts", 'import "ml-matrix";'],
    ["features/keypoints/extrema.ts", 'import "../conventions/hloc.ts";'],
    ["pipeline/engine/runner.ts", "Deno.exit(1);"],
    ["pipeline/commands/status.ts", "const [file] = Deno.args;"],
    ["pipeline/engine/runner.ts", 'new Deno.Command("ls");'],
    ["pipeline/engine/runner.ts", 'Deno.addSignalListener("SIGINT", stop);'],
    ["pipeline/engine/runner.ts", 'const token = Deno.env.get("TOKEN");'],
    ["pipeline/engine/runner.ts", "const worker = new Worker(url);"],
    ["pipeline/engine/runner.ts", "console.log(1);"],
    ["data/images/png.ts", "Deno.stderr.writeSync(bytes);"],
    ["data/photographs/photos.ts", "await fetch(url);"],
    ["data/published/fetch_archive.ts", "await fetch(url);"],
    [
      "pipeline/engine/shared_results.ts",
      'import { request } from "node:https";',
    ],
    ["data/photographs/photos.ts", "await Deno.connect({ port: 80 });"],
    ["pipeline/engine/runner.ts", 'const cache = ".cache";'],
    ["pipeline/engine/runner.ts", "const cache = `.cache/objects`;"],
    ["data/random.ts", "const x = Math.random();"],
    ["data/random.ts", "\n".repeat(301)],
  ];
  for (const [path, source] of forbidden) {
    it(`refuses ${JSON.stringify(source.slice(0, 60))} in ${path}`, () => {
      assert.equal(violations(path, source).length, 1);
    });
  }

  const allowed: [path: string, source: string][] = [
    ["mod.ts", 'export { reproduce } from "./pipeline/reproduce.ts";'],
    ["gpu/device.ts", "await navigator.gpu.requestAdapter();"],
    ["gpu/nn/network.ts", 'import { x } from "../ops/conv2d.ts";'],
    ["gpu/nn/network.ts", 'import { x } from "./networks.ts";'],
    ["gpu/ops/descriptor_loss.ts", 'import { x } from "../nn/losses.ts";'],
    [
      "pipeline/config/schema.ts",
      'import { x } from "../../gpu/nn/networks.ts";',
    ],
    [
      "gpu/ops/conv2d.ts",
      'import t from "../wgsl/loss/x.wgsl" with { type: "text" };',
    ],
    ["pipeline/cli.ts", "Deno.exit(await main(Deno.args));"],
    ["pipeline/remote/cache_http.ts", 'import * as http from "node:http";'],
    [
      "pipeline/remote/action_result.ts",
      'import { x } from "../../data/protobuf/protobuf_reader.ts";',
    ],
    ["pipeline/log.ts", "Deno.stdout.writeSync(bytes);"],
    ["pipeline/stages/stage1.ts", 'import { x } from "../../gpu/mod.ts";'],
    ["pipeline/stages/stage1.ts", 'import { x } from "../training/train.ts";'],
    ["pipeline/store/store.ts", 'const cache = ".cache";'],
    ["data/published/fetch_file.ts", "await fetch(url);"],
    ["data/images/png.ts", 'import { decode } from "fast-png";'],
    ["data/images/png.ts", "// console.log(Math.random(), navigator.gpu)"],
    ["data/images/png.ts", 'const text = "Deno.exit(1)";'],
    ["data/images/png.ts", "const size = archive.fetch(1);"],
  ];
  for (const [path, source] of allowed) {
    it(`allows ${JSON.stringify(source)} in ${path}`, () => {
      assert.deepEqual(violations(path, source), []);
    });
  }

  it("finds circles of files", () => {
    const sources = new Map([
      ["a/x.ts", 'import "./y.ts";'],
      ["a/y.ts", 'import type { Z } from "../b/z.ts"; import "./alone.ts";'],
      ["a/alone.ts", ""],
      ["b/z.ts", 'export { x } from "../a/x.ts";'],
      ["b/outside.ts", 'import "./z.ts";'],
    ]);
    assert.deepEqual(circles(sources), [["a/x.ts", "a/y.ts", "b/z.ts"]]);
    sources.set("b/z.ts", "");
    assert.deepEqual(circles(sources), []);
  });

  it("sees every kind of import", () => {
    const source = `
      import "./a.ts";
      import b from './b.ts';
      import type { C } from "./c.ts";
      import * as d from "./d.ts";
      export { e } from "./e.ts";
      export * from "./f.ts";
      const g = await import("./g.ts");
      type H = import("./h.ts").H;
      // import "./comment.ts";
      const text = 'import "./text.ts"';
      Array.from(["./i.ts"]);
    `;
    assert.deepEqual(
      importsOf(tokenize(source)),
      [..."abcdefgh"].map((letter) => `./${letter}.ts`),
    );
  });
});
