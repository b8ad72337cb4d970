import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { importsOf, layerOf, violations } from "./helpers/architecture.ts";
import { tokenize } from "../pipeline/code_tokens.ts";

/** Source files of the program, tests left out. */
function sourceFiles(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return sourceFiles(path);
    return name.endsWith(".ts") ? [path] : [];
  });
}

const files = ["mod.ts", ...["pipeline", "gpu", "data"].flatMap(sourceFiles)];

describe("the source tree", () => {
  it("keeps to its layers and its owners of side effects", () => {
    assert.ok(files.length > 50, `only ${files.length} files were found`);
    const all = files.flatMap((path) =>
      violations(path, Deno.readTextFileSync(path))
    );
    assert.deepEqual(all, []);
  });

  it("has a layer for every file", () => {
    assert.deepEqual(files.filter((path) => layerOf(path) === undefined), []);
  });
});

describe("the check of the source tree", () => {
  const forbidden: [path: string, source: string][] = [
    ["data/png.ts", 'import { openGpu } from "../gpu/mod.ts";'],
    ["data/png.ts", 'import type { Config } from "../pipeline/config.ts";'],
    ["gpu/tensor.ts", 'import { x } from "../data/mod.ts";'],
    ["gpu/tensor.ts", 'import { x } from "../pipeline/log.ts";'],
    ["gpu/tensor.ts", 'import { join } from "@std/path";'],
    ["gpu/tensor.ts", 'import { x } from "./ops/adam.ts";'],
    ["gpu/tensor.ts", 'import { x } from "./nn/sdgmnet128.ts";'],
    ["gpu/device.ts", 'import { x } from "./tensor.ts";'],
    ["gpu/ops/conv2d.ts", 'import { x } from "./adam.ts";'],
    ["gpu/ops/conv2d.ts", 'import { x } from "../nn/sdgmnet128.ts";'],
    ["gpu/ops/conv2d.ts", 'import { x } from "../mod.ts";'],
    ["pipeline/metrics/fpr95.ts", 'import { x } from "../log.ts";'],
    ["pipeline/metrics/fpr95.ts", 'import { x } from "fflate";'],
    ["pipeline/metrics/fpr95.ts", 'export * from "../../data/mod.ts";'],
    ["pipeline/stages/stage1.ts", 'import { x } from "../../gpu/device.ts";'],
    ["pipeline/stages/stage1.ts", 'import { x } from "../../data/png.ts";'],
    ["pipeline/stages/stage1.ts", 'import { stage2 } from "./stage2.ts";'],
    ["pipeline/stages/stage1.ts", 'import { x } from "../store.ts";'],
    ["pipeline/stages/stage1.ts", 'import { x } from "../graph.ts";'],
    ["pipeline/training.ts", 'import { x } from "../gpu/ops/adam.ts";'],
    ["pipeline/training.ts", 'import { x } from "./runner.ts";'],
    ["pipeline/runner.ts", 'import { x } from "./stages/stage1.ts";'],
    ["pipeline/runner.ts", 'const x = await import("./stages/stage1.ts");'],
    ["pipeline/runner.ts", 'import { x } from "./graph.ts";'],
    ["pipeline/runner.ts", 'import { x } from "./cli.ts";'],
    ["pipeline/planner.ts", 'import { x } from "../gpu/mod.ts";'],
    ["pipeline/graph.ts", 'import { x } from "./runner.ts";'],
    ["pipeline/config.ts", 'import { x } from "./training.ts";'],
    ["pipeline/commands/status.ts", 'import "../stages/stage1.ts";'],
    ["pipeline/cli.ts", 'import { x } from "../gpu/device.ts";'],
    ["pipeline/log.ts", 'import { x } from "../tests/helpers/x.ts";'],
    ["elsewhere/x.ts", 'import { x } from "../mod.ts";'],
    ["gpu/tensor.ts", "const gpu = navigator.gpu;"],
    ["gpu/tensor.ts", "await navigator.gpu?.requestAdapter();"],
    ["gpu/device.ts", 'Deno.readTextFileSync("x.wgsl");'],
    ["pipeline/runner.ts", "Deno.exit(1);"],
    ["pipeline/commands/status.ts", "const [file] = Deno.args;"],
    ["pipeline/runner.ts", 'new Deno.Command("ls");'],
    ["pipeline/runner.ts", 'Deno.addSignalListener("SIGINT", stop);'],
    ["pipeline/runner.ts", 'const token = Deno.env.get("TOKEN");'],
    ["pipeline/runner.ts", "const worker = new Worker(url);"],
    ["pipeline/runner.ts", "console.log(1);"],
    ["data/png.ts", "Deno.stderr.writeSync(bytes);"],
    ["data/photos.ts", "await fetch(url);"],
    ["data/fetch_archive.ts", "await fetch(url);"],
    ["pipeline/shared_results.ts", 'import { request } from "node:https";'],
    ["pipeline/runner.ts", 'import { x } from "../data/png.ts";'],
    ["data/photos.ts", "await Deno.connect({ port: 80 });"],
    ["pipeline/runner.ts", 'const cache = ".cache";'],
    ["pipeline/runner.ts", "const cache = `.cache/objects`;"],
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
    ["gpu/nn/sdgmnet128.ts", 'import { x } from "../ops/conv2d.ts";'],
    [
      "gpu/ops/conv2d.ts",
      'import t from "../wgsl/x.wgsl" with { type: "text" };',
    ],
    ["pipeline/cli.ts", "Deno.exit(await main(Deno.args));"],
    ["pipeline/remote_cache_http.ts", 'import * as http from "node:http";'],
    [
      "pipeline/action_result.ts",
      'import { x } from "../data/protobuf_reader.ts";',
    ],
    ["pipeline/log.ts", "Deno.stdout.writeSync(bytes);"],
    ["pipeline/stages/stage1.ts", 'import { x } from "../../gpu/mod.ts";'],
    ["pipeline/stages/stage1.ts", 'import { x } from "../training.ts";'],
    ["pipeline/store.ts", 'const cache = ".cache";'],
    ["data/fetch_file.ts", "await fetch(url);"],
    ["data/png.ts", 'import { decode } from "fast-png";'],
    ["data/png.ts", "// console.log(Math.random(), navigator.gpu)"],
    ["data/png.ts", 'const text = "Deno.exit(1)";'],
    ["data/png.ts", "const size = archive.fetch(1);"],
  ];
  for (const [path, source] of allowed) {
    it(`allows ${JSON.stringify(source)} in ${path}`, () => {
      assert.deepEqual(violations(path, source), []);
    });
  }

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
