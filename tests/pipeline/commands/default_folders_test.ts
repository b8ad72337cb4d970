import assert from "node:assert/strict";
import { join } from "@std/path";
import { it } from "@std/testing/bdd";
import { commands } from "../../../pipeline/commands/commands.ts";
import { projectDirectory } from "../../helpers/command_line.ts";

it("no command writes into the program's own folders unless told to", () => {
  const ignored = Deno.readTextFileSync(join(projectDirectory, ".gitignore"))
    .split("\n");
  const folders = commands.flatMap(({ flags }) =>
    flags.flatMap(({ name, summary }) => {
      const folder = /default ([a-z.]+)(\/\S*)?$/.exec(summary);
      return name === "out" && folder !== null ? [folder[1]] : [];
    })
  );
  assert.deepEqual(new Set(folders), new Set(["matches", "described", "card"]));
  for (const folder of folders) assert.ok(ignored.includes(`${folder}/`));
});
