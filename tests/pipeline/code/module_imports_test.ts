import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { tokenize } from "../../../pipeline/code/code_tokens.ts";
import { findImports } from "../../../pipeline/code/module_imports.ts";

/** `name` for a static import, `name?` for a lazy one. */
function found(source: string): string[] {
  return findImports(tokenize(source)).imports
    .map(({ specifier, lazy }) => specifier + (lazy ? "?" : ""));
}

describe("findImports", () => {
  it("finds every form of a static import and re-export", () => {
    assert.deepEqual(
      found(`
        import "./side_effect.ts";
        import a from "./default.ts";
        import * as b from "./namespace.ts";
        import c, { d as e, type F } from "./mixed.ts";
        import shader from "./wgsl/adam.wgsl" with { type: "text" };
        import type from "./named_type.ts";
        export * from "./all.ts";
        export * as g from "./all_as.ts";
        export { h, i as default } from './some.ts';
      `),
      [
        "./side_effect.ts",
        "./default.ts",
        "./namespace.ts",
        "./mixed.ts",
        "./wgsl/adam.wgsl",
        "./named_type.ts",
        "./all.ts",
        "./all_as.ts",
        "./some.ts",
      ],
    );
  });

  it("tells which exports an import uses", () => {
    const used = (source: string) =>
      findImports(tokenize(source)).imports.map(({ names }) => names);
    assert.deepEqual(
      used(`
        import "./a.ts";
        import a from "./a.ts";
        import * as b from "./a.ts";
        import c, { d as e, type F, type, type as g, default as h } from "./a.ts";
        import { type I } from "./a.ts";
        export { j as k, "l m" as n } from "./a.ts";
        export * from "./a.ts";
        import("./a.ts");
      `),
      [
        null,
        ["default"],
        null,
        ["default", "d", "type", "type", "default"],
        [],
        ["j", "l m"],
        null,
        null,
      ],
    );
  });

  it("finds what is loaded later", () => {
    assert.deepEqual(
      found(`
        const a = await import("./dynamic.ts");
        new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
        import.meta.resolve("npm:fflate");
      `),
      ["./dynamic.ts?", "./worker.ts?", "npm:fflate?"],
    );
  });

  it("leaves out types, texts and names that look like imports", () => {
    assert.deepEqual(
      found(`
        import type { A } from "./a.ts";
        import type B from "./b.ts";
        import type * as C from "./c.ts";
        export type { D } from "./d.ts";
        export type * from "./e.ts";
        // import "./comment.ts";
        const text = 'import "./text.ts"', other = \`import "./template.ts"\`;
        export { text };
        export const from = "./value.ts";
        object.import("./member.ts");
        new URL("https://example.org", base);
        const here = new URL(import.meta.url);
      `),
      [],
    );
  });

  it("says when an import cannot be followed", () => {
    assert.equal(findImports(tokenize("import(name)")).computed, true);
    assert.equal(findImports(tokenize("import(`./${a}.ts`)")).computed, true);
    assert.equal(findImports(tokenize('import("./a.ts")')).computed, false);
  });
});
