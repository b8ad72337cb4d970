import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readSourceCommit } from "../../../pipeline/code/source_commit.ts";
import { runProcess } from "../../helpers/command_line.ts";

let root: string;

beforeEach(() => {
  root = Deno.makeTempDirSync({ prefix: "commit-" });
});

afterEach(() => Deno.removeSync(root, { recursive: true }));

async function git(folder: string, ...args: string[]): Promise<string> {
  const who = ["-c", "user.name=a", "-c", "user.email=a@b"];
  const { code, stdout, stderr } = await runProcess(
    "git",
    [...who, "-c", "init.defaultBranch=main", ...args],
    { cwd: folder, env: { GIT_CONFIG_GLOBAL: "/dev/null" } },
  );
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

/** A repository of one commit with a file, a file in a folder and a link. */
async function repository(): Promise<string> {
  const folder = join(root, "repository");
  Deno.mkdirSync(join(folder, "inner"), { recursive: true });
  await git(folder, "init", "-q");
  Deno.writeTextFileSync(join(folder, "a.ts"), "one\n");
  Deno.writeTextFileSync(join(folder, "inner/b.ts"), "two\n");
  Deno.symlinkSync("a.ts", join(folder, "link"));
  await git(folder, "add", ".");
  await git(folder, "commit", "-q", "-m", "first");
  return folder;
}

const head = (folder: string) => git(folder, "rev-parse", "HEAD");

describe("readSourceCommit", () => {
  it("tells commit and clean files, from any folder of the work tree", async () => {
    const folder = await repository();
    const clean = { commit: await head(folder), dirty: false };
    assert.deepEqual(readSourceCommit(folder), clean);
    assert.deepEqual(readSourceCommit(join(folder, "inner")), clean);
  });

  it("sees a change of a file, staged or not, and a removed one; not a touched or a new one", async () => {
    const folder = await repository();
    const dirty = () => readSourceCommit(folder)?.dirty;
    const path = join(folder, "a.ts");
    Deno.utimeSync(path, 1e9, 1e9);
    Deno.writeTextFileSync(join(folder, "new.ts"), "");
    assert.equal(dirty(), false);
    Deno.writeTextFileSync(path, "won\n");
    assert.equal(dirty(), true);
    await git(folder, "add", "a.ts");
    assert.notEqual(dirty(), false, "staged");
    await git(folder, "commit", "-q", "-m", "second");
    assert.equal(dirty(), false);
    Deno.removeSync(join(folder, "inner/b.ts"));
    assert.equal(dirty(), true);
  });

  it("reads packed references and commits, and linked work trees", async () => {
    const folder = await repository();
    Deno.writeTextFileSync(join(folder, "a.ts"), "three\n");
    await git(folder, "commit", "-q", "-a", "-m", "second");
    await git(folder, "gc", "-q");
    assert.deepEqual(readSourceCommit(folder), {
      commit: await head(folder),
      dirty: false,
    });
    const other = join(root, "other");
    await git(folder, "worktree", "add", "-q", other, "HEAD~1");
    assert.deepEqual(readSourceCommit(other), {
      commit: await head(other),
      dirty: false,
    });
    assert.notEqual(await head(other), await head(folder));
  });

  it("says nothing outside a repository and before the first commit", async () => {
    assert.equal(readSourceCommit(root), undefined);
    await git(root, "init", "-q");
    assert.equal(readSourceCommit(root), undefined);
    Deno.writeTextFileSync(join(root, ".git/HEAD"), "garbage");
    assert.equal(readSourceCommit(root), undefined);
  });

  it("says nothing certain of an index that it cannot read", async () => {
    const folder = await repository();
    await git(folder, "update-index", "--index-version", "4");
    assert.deepEqual(readSourceCommit(folder), {
      commit: await head(folder),
      dirty: null,
    });
  });
});
