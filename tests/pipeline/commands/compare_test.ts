import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { projectDirectory, runProcess } from "../../helpers/command_line.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

const golden = join(projectDirectory, "tests/golden/evaluation");

function run(permissions: string[], ...args: string[]) {
  return runProcess(Deno.execPath(), [
    "run",
    "--no-prompt",
    ...permissions,
    join(projectDirectory, "pipeline/cli.ts"),
    ...args,
  ], { cwd: folder });
}

const compare = (...args: string[]) =>
  run(["--allow-read"], "compare", ...args);

function write(name: string, value: unknown) {
  Deno.writeTextFileSync(join(folder, name), JSON.stringify(value));
}

const matching = (level: number) => ({
  matching: { easy: level, hard: level, tough: level, mean: level },
});

describe("compare", () => {
  it("prints paired differences with intervals of two evaluations", async () => {
    for (const [name, flags] of [["plain", []], ["whitened", ["--pcapl"]]]) {
      const { code, stderr } = await run(
        ["--allow-read", "--allow-write"],
        "evaluate",
        `--descriptors=${golden}/whitened/descriptors`,
        `--tasks=${golden}/whitened/tasks`,
        ..."--split x --task matching --bootstrap 50 --quiet".split(" "),
        `--out=${name}.json`,
        ...flags,
      );
      assert.equal(code, 0, stderr);
    }
    const { code, stdout, stderr } = await compare(
      "plain.json",
      "whitened.json",
    );
    assert.equal(code, 0, stderr);
    const lines = stdout.split("\n");
    assert.equal(lines[0], "Split x, %: whitened.json − plain.json");
    assert.match(
      lines[1],
      /figure +plain\.json +whitened\.json +difference +95 % interval +excludes 0/,
    );
    assert.match(
      lines[5],
      /^ {2}matching\.mean( +\d+\.\d\d){2} +[+−]?\d+\.\d\d +[+−]?\d+\.\d\d … [+−]?\d+\.\d\d +(yes|no)$/,
    );
  });

  it("takes one descriptor of a run's results", async () => {
    write("run.json", {
      hpatches: { a: { trained: matching(0.8), pixels: matching(0.5) } },
    });
    const { code, stdout } = await compare("run.json#pixels", "run.json");
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^Split a, %: run\.json#trained − run\.json#pixels\n/,
    );
    assert.match(stdout, /matching\.mean +50\.00 +80\.00 +\+30\.00\n/);
    assert.match(stdout, /no intervals: evaluate both with --bootstrap\n$/);
  });

  it("refuses what it cannot compare, each in one line", async () => {
    write("a.json", { splits: { a: matching(0.5) } });
    write("b.json", { splits: { b: matching(0.5) } });
    write("run.json", { hpatches: { a: { pixels: matching(0.5) } } });
    write("other.json", { splits: { a: { matching: { easy: "good" } } } });
    write("nothing.json", 3);
    Deno.writeTextFileSync(join(folder, "torn.json"), "{");
    const cases: [a: string, b: string, message: string][] = [
      [
        "a.json",
        "b.json",
        "b.json: found split b with matching, wanted a split and task in common with split a with matching",
      ],
      [
        "a.json",
        "run.json",
        'run.json: found no descriptor "trained", wanted FILE#DESCRIPTOR with one of pixels',
      ],
      [
        "a.json",
        "none.json",
        "none.json: found no such file, wanted a results.json of evaluate or of a run",
      ],
      [
        "a.json",
        "other.json",
        'other.json: found "good" at splits.a.matching.easy, wanted number, as evaluate and runs write it',
      ],
      [
        "a.json",
        "nothing.json",
        "nothing.json: found 3, wanted Object, as evaluate and runs write it",
      ],
      ["a.json", "torn.json", "torn.json: found "],
    ];
    for (const [a, b, message] of cases) {
      const { code, stderr } = await compare(a, b);
      assert.equal(code, 2, stderr);
      assert.ok(
        stderr.startsWith(`Cannot compare the results: ${message}`),
        `${stderr} is not ${message}`,
      );
      assert.equal(stderr.split("\n").length, 2);
    }
  });
});
