import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  type CodeDigest,
  CodeDigester,
} from "../../../pipeline/code/code_digest.ts";
import { PipelineError } from "../../../pipeline/errors.ts";
import { FileIndex } from "../../../pipeline/files/file_index.ts";
import { sourceFactsVersion } from "../../../pipeline/code/code_facts.ts";

let root = "";

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    Deno.mkdirSync(dirname(join(root, path)), { recursive: true });
    Deno.writeTextFileSync(join(root, path), text);
  }
}

function digest(path = "stages/train.ts"): Promise<CodeDigest> {
  const index = new FileIndex<never>(join(root, "index"), sourceFactsVersion);
  return new CodeDigester(index).digest(pathToFileURL(join(root, path)));
}

/** The files whose digest differs. */
async function changedBy(files: Record<string, string>): Promise<string[]> {
  const before = (await digest()).files;
  write(files);
  const after = (await digest()).files;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((path) => before[path] !== after[path]);
}

beforeEach(() => {
  root = Deno.makeTempDirSync({ prefix: "code-" });
  write({
    "deno.json":
      '{ "imports": { "zip": "npm:zip@1.0.0", "@std/path": "node:path", "@std/cli/": "./cli/", "big/": "npm:/big@3/" } }',
    "deno.lock": JSON.stringify({
      version: "5",
      specifiers: { "npm:zip@1.0.0": "1.0.0", "npm:big@3": "3.1.4" },
      npm: {
        "zip@1.0.0": { dependencies: ["inflate", "table@2.0.0"] },
        "inflate@0.2.0": { dependencies: ["table@2.0.0"] },
        "table@2.0.0": {},
        "big@3.1.4": {},
        "table@1.0.0": {},
      },
    }),
    "stages/train.ts": `
      import type { Config } from "../config.ts";
      import { step } from "../gpu/step.ts";
      import { unzip } from "zip";
      import { join } from "@std/path";
      import data from "../data/table.csv" with { type: "text" };
      export const run = async (c: Config) =>
        (await import("../gpu/late.ts")).late(step(c), unzip, join, data);
    `,
    "config.ts": "export interface Config { a: number }",
    "gpu/step.ts":
      'import text from "./wgsl/step.wgsl" with { type: "text" };\nimport { step as again } from "./cycle.ts";\nexport const step = (c: unknown) => [text, c, again];',
    "gpu/cycle.ts": 'export { step } from "./step.ts";',
    "gpu/late.ts": "export const late = (...a: unknown[]) => a;",
    "gpu/wgsl/step.wgsl": "// adds\nfn main() { a = b + c; }\n",
    "data/table.csv": "1, 2\n",
    "unrelated.ts": "export {};",
  });
});

afterEach(() => Deno.removeSync(root, { recursive: true }));

describe("CodeDigester", () => {
  it("follows imports, shaders, data files and cycles, but not types", async () => {
    const { files, lazyFiles } = await digest();
    assert.deepEqual(Object.keys(files), [
      "data/table.csv",
      "gpu/cycle.ts",
      "gpu/late.ts",
      "gpu/step.ts",
      "gpu/wgsl/step.wgsl",
      "stages/train.ts",
    ]);
    assert.deepEqual(lazyFiles, ["gpu/late.ts"]);
  });

  it("does not change with comments, white space or types", async () => {
    assert.deepEqual(
      await changedBy({
        "gpu/wgsl/step.wgsl": "/* sum */ fn main() {\n  a = b + c;\n}\n",
        "gpu/cycle.ts": '// round\nexport {step} from "./step.ts"; // trip\n',
        "config.ts": "export interface Config { b: string }",
        "unrelated.ts": "export const a = 1;",
      }),
      [],
    );
  });

  it("names the one file that changed", async () => {
    assert.deepEqual(
      await changedBy({ "gpu/wgsl/step.wgsl": "fn main() { a = b - c; }" }),
      ["gpu/wgsl/step.wgsl"],
    );
    assert.deepEqual(await changedBy({ "data/table.csv": "1,2\n" }), [
      "data/table.csv",
    ]);
    assert.deepEqual(
      await changedBy({ "gpu/late.ts": "export const late = () => 2;" }),
      ["gpu/late.ts"],
    );
  });

  it("follows through a module of re-exports only what is imported", async () => {
    write({
      "stages/train.ts":
        'import { one, type Two } from "../mod.ts"; export { one };',
      "mod.ts":
        'export { a as one } from "./a.ts";\nexport { type Two, two } from "./two.ts";\nexport type { C } from "./c.ts";',
      "a.ts": 'export { a } from "./inner.ts";',
      "inner.ts": "export const a = 1, b = 2;",
      "two.ts": "export const two = 2;",
      "c.ts": "export type C = 1;",
    });
    assert.deepEqual(Object.keys((await digest()).files), [
      "a.ts",
      "inner.ts",
      "mod.ts",
      "stages/train.ts",
    ]);
    assert.deepEqual(
      await changedBy({
        "two.ts": "export const two = 3;",
        "mod.ts":
          'export { two } from "./two.ts"; export { a as one } from "./a.ts";',
      }),
      [],
    );
    assert.deepEqual(
      await changedBy({ "mod.ts": 'export { b as one } from "./inner.ts";' }),
      ["a.ts", "mod.ts"],
    );
    for (
      const source of [
        'import * as all from "../mod.ts"; all.one;',
        'const { one } = await import("../mod.ts");',
        'import "../mod.ts";',
      ]
    ) {
      write({
        "stages/train.ts": source,
        "mod.ts":
          'export { b as one } from "./inner.ts";\nexport { two } from "./two.ts";',
      });
      assert.ok("two.ts" in (await digest()).files, source);
    }
    write({
      "stages/train.ts": 'import { one } from "../mod.ts"; one;',
      "mod.ts":
        'import { two } from "./two.ts"; export { b as one } from "./inner.ts"; two;',
    });
    assert.ok(
      "two.ts" in (await digest()).files,
      "it does more than re-export",
    );
  });

  it("gives the same digest wherever the project lies", async () => {
    const before = await digest();
    const moved = `${root}-moved`;
    Deno.renameSync(root, moved);
    root = moved;
    assert.deepEqual(await digest(), { ...before, root: moved });
  });

  it("counts all that a worker loads as read late, also what is loaded at once", async () => {
    write({
      "stages/train.ts":
        'import "../gpu/step.ts"; new Worker(new URL("./worker.ts", import.meta.url));',
      "stages/worker.ts": 'import "../gpu/late.ts"; import "../gpu/step.ts";',
    });
    assert.deepEqual((await digest()).lazyFiles, [
      "gpu/cycle.ts",
      "gpu/late.ts",
      "gpu/step.ts",
      "gpu/wgsl/step.wgsl",
      "stages/worker.ts",
    ]);
  });

  it("counts locked versions of packages and of what they depend on", async () => {
    assert.deepEqual((await digest()).packages, {
      zip: "1.0.0",
      inflate: "0.2.0",
      table: "2.0.0",
    });
    write({
      "gpu/cycle.ts": 'import "big/part"; import "@std/cli/a.ts";',
      "cli/a.ts": "a();",
    });
    const { files, packages } = await digest();
    assert.equal(packages.big, "3.1.4");
    assert.ok("cli/a.ts" in files);
  });

  it("refuses code that it cannot follow, in one line", async () => {
    write({ "gpu/late.ts": "export const late = (n: string) => import(n);" });
    await assert.rejects(digest(), (error: Error) => {
      assert.ok(error instanceof PipelineError);
      assert.equal(
        error.message,
        `Cannot tell a stage's code: ${
          join(root, "gpu/late.ts")
        }: found import() of a computed specifier, wanted a string literal; name the module in the import itself`,
      );
      return true;
    });
    write({ "gpu/late.ts": 'import "./gone.ts";' });
    await assert.doesNotReject(digest(), "a lazy module's imports are lazy");
    write({ "gpu/step.ts": 'import "./gone.ts";' });
    await assert.rejects(
      digest(),
      /gpu\/step\.ts: found an import of .*gone\.ts, which does not exist/,
    );
  });
});
