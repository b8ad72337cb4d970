/**
 * Which source files the keys of the stages hold, and the table of it in `docs/structure.md`.
 *
 * @module
 */
import { basename, dirname, join } from "@std/path";
import { pathToFileURL } from "node:url";
import { CodeDigester } from "../../../pipeline/code/code_digest.ts";
import {
  type SourceFacts,
  sourceFactsVersion,
} from "../../../pipeline/code/code_facts.ts";
import { FileIndex } from "../../../pipeline/files/file_index.ts";
import { roomNames, roomOf } from "../architecture/rooms.ts";

/** The stages, in the order in which they run; each is defined in `pipeline/stages/<name>.ts`. */
export const stageNames = [
  "download",
  "stage1",
  "stage2",
  "extract",
  "evaluate",
] as const;

/** The name of a stage. */
export type StageName = typeof stageNames[number];

/** Files in a stage's key with their counted digests. */
export type StageFiles = Record<StageName, Record<string, string>>;

/**
 * The files in the key of each stage.
 *
 * @param project folder of a copy of this project
 */
export async function stageFiles(project: string): Promise<StageFiles> {
  const nowhere = join(project, "no index");
  const index = new FileIndex<SourceFacts>(nowhere, sourceFactsVersion);
  const digester = new CodeDigester(index);
  const entries = stageNames.map(async (name) => {
    const module = pathToFileURL(join(project, `pipeline/stages/${name}.ts`));
    return [name, (await digester.digest(module)).files] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as StageFiles;
}

/** All source files of a project, relative to it, sorted. */
export function sourceFiles(project: string): string[] {
  const below = (folder: string): string[] =>
    [...Deno.readDirSync(join(project, folder))].flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory ? below(path) : [path];
    });
  return ["mod.ts", ...["pipeline", "gpu", "data", "features"].flatMap(below)]
    .sort();
}

/** Where the table begins and ends in `docs/structure.md`; what stands between, the formatter leaves alone. */
export const tableMarks = [
  "<!-- deno-fmt-ignore-start -->",
  "<!-- deno-fmt-ignore-end -->",
] as const;

/** The table file → stages, as Markdown: by room and folder a row for all files that the same stages hold. */
export function stageTable(
  sources: readonly string[],
  files: StageFiles,
): string {
  const rows = new Map<string, string[]>();
  for (const room of roomNames) {
    for (const path of sources.filter((path) => roomOf(path) === room)) {
      const holders = stageNames.filter((name) => path in files[name]);
      const folder = dirname(path) === "." ? "" : ` \`${dirname(path)}/\``;
      const head = `| ${room}${folder} | ${holders.join(", ") || "–"} |`;
      rows.set(head, [...rows.get(head) ?? [], `\`${basename(path)}\``]);
    }
  }
  return [
    "| Room | In the key of | Files |",
    "| --- | --- | --- |",
    ...[...rows].map(([head, names]) => `${head} ${names.join(", ")} |`),
  ].join("\n");
}

/**
 * A page with the table put between its marks.
 *
 * @throws {Error} when the marks are not there
 */
export function withTable(page: string, table: string): string {
  const [start, end] = tableMarks.map((mark) => page.indexOf(mark));
  if (start < 0 || end < start) {
    throw new Error(`the page lacks ${tableMarks.join(" … ")}`);
  }
  const before = page.slice(0, start + tableMarks[0].length);
  return `${before}\n\n${table}\n\n${page.slice(end)}`;
}
