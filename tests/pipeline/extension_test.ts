import assert from "node:assert/strict";
import { join } from "@std/path";
import { before, describe, it } from "@std/testing/bdd";
import {
  type CompilerError,
  ExtendedTree,
} from "../helpers/pipeline/extended_tree.ts";
import { extensions } from "../helpers/pipeline/extensions.ts";
import { workplace } from "../helpers/pipeline/tiny_pipeline.ts";

/** All names are added to one copy of the program, since checking it takes seconds: every error belongs to the name that it holds. */
describe("what is added to a table of names", () => {
  let tree: ExtendedTree;
  let missing: CompilerError[];

  before(async () => {
    tree = new ExtendedTree(temporaryFolder());
    for (const { table } of extensions) tree.change(table);
    missing = await tree.check();
  });

  for (const { kind, name, missedIn } of extensions) {
    it(`is missed by the compiler wherever a ${kind} is handled`, () => {
      const mine = missing.filter(({ text }) => concerns(name, text));
      const files = new Set(mine.map(({ file }) => file));
      assert.deepEqual([...files].sort(), missedIn);
    });
  }

  it("is missed nowhere else", () => {
    // What follows from a missing member may be told without a name, in the same files.
    const expected = new Set(extensions.flatMap(({ missedIn }) => missedIn));
    const others = missing.filter(({ file }) => !expected.has(file));
    assert.deepEqual(others, []);
  });

  it("works from the first stage to the report, once these places are filled", async () => {
    for (const { filling } of extensions) {
      filling.forEach((one) => tree.change(one));
    }
    assert.deepEqual(await tree.check(), []);
    const folder = await workplace();
    const path = join(folder, "tiny.toml");
    Deno.writeTextFileSync(path, configOf(Deno.readTextFileSync(path)));
    const { code, stderr } = await tree.run(folder, "reproduce", "tiny.toml");
    assert.equal(code, 0, stderr);
    for (const { verify } of extensions) {
      await verify(join(folder, "runs/tiny"));
    }
  });
});

function concerns(name: string, text: string): boolean {
  return text.toLowerCase().includes(name);
}

/** The tiny config with the lines of every extension in place of its own. */
function configOf(tiny: string): string {
  let text = tiny;
  for (const { config } of extensions) {
    for (const [section, lines] of Object.entries(config)) {
      for (const line of lines.split("\n")) {
        const [key] = line.split(" =");
        text = text.replace(new RegExp(`^${key} = .*\n`, "m"), "");
      }
      text = text.replace(`[${section}]\n`, `[${section}]\n${lines}\n`);
    }
  }
  return text;
}

function temporaryFolder(): string {
  const folder = Deno.makeTempDirSync({ prefix: "extended-" });
  addEventListener("unload", () => {
    Deno.removeSync(folder, { recursive: true });
  });
  return folder;
}
