/** Copies of the program that are changed as somebody who adds a thing changes it. */
import assert from "node:assert/strict";
import { dirname, join, relative } from "@std/path";
import {
  type Finished,
  projectDirectory,
  runProcess,
} from "../command_line.ts";

/** A change of a file: a new file, or text put in place of text that stands there once. */
export type Change =
  | { file: string; text: string }
  | { file: string; find: string; replace: string };

/** A thing that is added to the program in one place, and then wherever the compiler asks for it. */
export interface Extension {
  /** what it is, for the tests' names */
  kind: string;
  /** its name in lower-case letters; error messages that hold it, in whatever case, belong to it */
  name: string;
  /** adds the name to the table of names */
  table: Change;
  /** the files where the compiler has to miss it, sorted */
  missedIn: string[];
  /** fills these places */
  filling: Change[];
  /** lines of a config that uses it, by section */
  config: Record<string, string>;
  /** holds the finished run against what it has to show, in the run's folder */
  verify(runFolder: string): void | Promise<void>;
}

/** What a tree needs to be checked and run. */
const copied = [
  "pipeline",
  "gpu",
  "data",
  "features",
  "web",
  "mod.ts",
  "deno.json",
  "deno.lock",
];

/** An error of the compiler. */
export interface CompilerError {
  /** path in the tree */
  file: string;
  text: string;
}

/** A copy of the program in a folder of its own. */
export class ExtendedTree {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    for (const path of copied) copy(projectDirectory, folder, path);
    Deno.symlinkSync(
      join(projectDirectory, "node_modules"),
      join(folder, "node_modules"),
    );
  }

  change(change: Change): void {
    const path = join(this.folder, change.file);
    if ("text" in change) {
      Deno.writeTextFileSync(path, change.text);
      return;
    }
    const parts = Deno.readTextFileSync(path).split(change.find);
    assert.equal(parts.length, 2, `${change.file}: ${change.find}`);
    Deno.writeTextFileSync(path, parts.join(change.replace));
  }

  /** What the compiler finds wrong. */
  async check(): Promise<CompilerError[]> {
    const { code, stderr } = await runProcess(
      Deno.execPath(),
      ["check", "--frozen", "pipeline/"],
      { cwd: this.folder },
    );
    if (code === 0) return [];
    const errors = stderr.split(/^(?=TS\d+ \[ERROR\])/m).slice(1);
    assert.ok(errors.length > 0, stderr);
    return errors.map((text) => {
      const place = /^ {4}at (file:\S+?):\d+:\d+$/m.exec(text);
      assert.ok(place !== null, text);
      const file = relative(this.folder, new URL(place[1]).pathname);
      return { file, text };
    });
  }

  /** Runs its command line in a folder. */
  run(folder: string, ...args: string[]): Promise<Finished> {
    return runProcess(Deno.execPath(), [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-write=runs,.cache",
      join(this.folder, "pipeline/cli.ts"),
      ...args,
    ], { cwd: folder });
  }
}

function copy(from: string, to: string, path: string): void {
  const source = join(from, path);
  if (!Deno.statSync(source).isDirectory) {
    Deno.mkdirSync(dirname(join(to, path)), { recursive: true });
    Deno.copyFileSync(source, join(to, path));
    return;
  }
  for (const { name } of Deno.readDirSync(source)) {
    copy(from, to, join(path, name));
  }
}
