import assert from "node:assert/strict";
import { join } from "@std/path";
import { after, before, describe, it } from "@std/testing/bdd";
import {
  type Finished,
  projectDirectory,
  runProcess,
} from "../helpers/command_line.ts";
import { withoutNetwork } from "../helpers/isolated.ts";

const isolation = await withoutNetwork();
// A bundle holds Deno for 64-bit Linux, so nothing else can run it.
const canRun = Deno.build.target === "x86_64-unknown-linux-gnu" &&
  isolation !== undefined;
const describeOffline = canRun ? describe : describe.skip;
/** What may travel to a machine without network. */
const mostBytes = 60e6;

function bundle(args: string[], cwd?: string): Promise<Finished> {
  return runProcess(Deno.execPath(), [
    "run",
    "--no-prompt",
    "--allow-read",
    "--allow-write",
    "--allow-run",
    join(projectDirectory, "packaging", "bundle.ts"),
    ...args,
  ], {
    // The packer's own level would take most of a minute.
    env: { XZ_OPT: "-1" },
    ...(cwd === undefined ? {} : { cwd }),
  });
}

describe("./run bundle", () => {
  it("wants the name of one archive", async () => {
    for (
      const args of [[], ["a.tar.xz", "b.tar.xz"], ["a.zip"], [
        "--with-mesa",
        "a.tar",
      ]]
    ) {
      const { code, stdout, stderr } = await bundle(args);
      assert.equal(code, 2);
      assert.equal(stdout, "");
      assert.match(
        stderr,
        /^Cannot make a bundle: found .*, wanted the name of one archive .*; \.\/run help bundle says how it is typed\n$/,
      );
    }
  });

  it("leaves nothing behind when packing fails", async () => {
    const folder = Deno.makeTempDirSync();
    try {
      const { code, stderr } = await bundle(
        [join(folder, "missing", "x.tar")],
      );
      assert.equal(code, 2);
      assert.match(stderr, /^Cannot pack the bundle: found tar ended with 2/);
      assert.deepEqual([...Deno.readDirSync(folder)], []);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
});

describeOffline("a bundle, on a machine without network", () => {
  let folder: string;
  let home: string;
  let project: string;

  before(async () => {
    folder = Deno.makeTempDirSync({ prefix: "bundle-" });
    home = join(folder, "home");
    Deno.mkdirSync(home);
    project = await unpack(["--with-photographs"], "self-tnet.tar.xz");
  });
  after(() => Deno.removeSync(folder, { recursive: true }));

  /** Makes a bundle and unpacks it beside its archive. */
  async function unpack(flags: string[], name: string): Promise<string> {
    const target = Deno.makeTempDirSync({ dir: folder });
    const made = await bundle([...flags, name], target);
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stdout, /MB, unpacks to self-tnet\/\n$/);
    const { code, stderr } = await runProcess("tar", ["-xf", name], {
      cwd: target,
    });
    assert.equal(code, 0, stderr);
    return join(target, "self-tnet");
  }

  /** Runs a program of the bundle with nothing but the system's programs and an empty home. */
  function run(
    program: string,
    args: string[],
    cwd = project,
  ): Promise<Finished> {
    const [unshare, ...flags] = isolation!;
    return runProcess(unshare, [...flags, program, ...args], {
      cwd,
      clearEnv: true,
      env: { PATH: "/usr/bin:/bin", HOME: home },
    });
  }

  it("has a size that travels", () => {
    const { size } = Deno.statSync(join(project, "..", "self-tnet.tar.xz"));
    assert.ok(size < mostBytes, `${size} bytes`);
  });

  it("holds no results, and says where it comes from", () => {
    const names = [...Deno.readDirSync(project)].map(({ name }) => name);
    for (const name of [".git", ".cache", "runs"]) {
      assert.ok(!names.includes(name), name);
    }
    const contents = JSON.parse(
      Deno.readTextFileSync(join(project, ".deno", "bundle.json")),
    );
    assert.equal(contents.deno, Deno.version.deno);
    assert.equal(contents.photographs, true);
  });

  it("checks types, tests, and finds everything that training needs", async () => {
    const deno = join(
      project,
      ".deno/node_modules/@deno/linux-x64-glibc/deno",
    );
    const test = await run("env", [
      `DENO_DIR=${join(project, ".deno", "cache")}`,
      deno,
      "test",
      "--no-prompt",
      "--allow-read",
      "tests/pipeline/metrics/fpr95_test.ts",
    ]);
    assert.equal(test.code, 0, test.stderr);
    assert.doesNotMatch(test.stderr, /Download|registry/);
    const doctor = await run("./run", ["doctor"]);
    assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr);
    assert.match(doctor.stdout, /^ok {7}photographs: 9 bundled$/m);
    assert.doesNotMatch(doctor.stderr, /Download|registry/);
  });

  it("runs every part of the check of a GPU, at its smallest", async () => {
    const out = join(folder, "check");
    const { code, stdout, stderr } = await run("tests/device/check.sh", [
      "--tiny",
      "--seconds=600",
      `--out=${out}`,
    ]);
    assert.equal(code, 0, stdout + stderr);
    const results: { part: string; outcome: string }[] = JSON.parse(
      Deno.readTextFileSync(join(out, "results.json")),
    );
    const { parts } = await import("../device/parts.ts");
    assert.deepEqual(
      results.map(({ part }) => part),
      parts.map(({ name }) => name),
    );
    for (const { part, outcome } of results) {
      if (part !== "torch") assert.equal(outcome, "done", part);
      else assert.ok(["done", "skipped"].includes(outcome), outcome);
    }
    const files = [...Deno.readDirSync(out)].map(({ name }) => name);
    for (const [index, { name }] of parts.entries()) {
      const number = String(index + 1).padStart(2, "0");
      assert.ok(files.includes(`${number}-${name}.json`), name);
    }
    const summary = Deno.readTextFileSync(join(out, "summary.md"));
    assert.match(summary, /^\| part \| figure \| value \|\n/);
    assert.match(summary, /the same bytes, [0-9a-f]{12}…/);
  });

  it("starts without the photographs' packages too, and says what is missing", async () => {
    const small = await whileDenoStarts(() => unpack([], "small.tar"));
    assert.throws(() => Deno.statSync(join(small, "node_modules", "@stdlib")));
    const help = await run("./run", ["status", "configs/lib.toml"], small);
    assert.equal(help.code, 1, help.stderr);
    // A disk with less room than the data sets may take is warned of.
    assert.match(help.stderr, /^(warning: .*; free some space;.*\n)?$/);
    const { code, stdout } = await run("./run", ["doctor"], small);
    assert.equal(code, 1);
    assert.match(stdout, /^problem {2}photographs: /m);
  });
});

/** Does something while files come and go among the packages, as when another Deno starts in this folder. */
async function whileDenoStarts<T>(work: () => Promise<T>): Promise<T> {
  const lock = join(projectDirectory, "node_modules/.deno/.deno.lock.tried");
  let starts = true;
  const started = (async () => {
    while (starts) {
      await Deno.writeTextFile(lock, "");
      await Deno.remove(lock);
    }
  })();
  try {
    return await work();
  } finally {
    starts = false;
    await started;
  }
}
