/**
 * Writes into `docs/structure.md` which source files the key of each stage holds.
 *
 *     ./run structure
 */
import { join } from "@std/path";
import { projectDirectory } from "./helpers/command_line.ts";
import {
  sourceFiles,
  stageFiles,
  stageTable,
  withTable,
} from "./helpers/pipeline/stage_files.ts";

const path = join(projectDirectory, "docs/structure.md");
const table = stageTable(
  sourceFiles(projectDirectory),
  await stageFiles(projectDirectory),
);
await Deno.writeTextFile(path, withTable(await Deno.readTextFile(path), table));
console.log(`wrote the table of ${path}`);
