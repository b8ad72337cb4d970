import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { projectDirectory, runProcess } from "../../helpers/command_line.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

const golden = join(projectDirectory, "tests/golden/evaluation/plain");

function evaluate(...args: string[]) {
  return runProcess(Deno.execPath(), [
    "run",
    "--no-prompt",
    "--allow-read",
    "--allow-write",
    join(projectDirectory, "pipeline/cli.ts"),
    "evaluate",
    "--quiet",
    ...(args.some((argument) => argument.startsWith("--tasks"))
      ? []
      : [`--descriptors=${golden}/descriptors`, `--tasks=${golden}/tasks`]),
    ...args,
  ], { cwd: folder });
}

describe("evaluate", () => {
  it("writes the figures of the tasks that were asked for", async () => {
    const { code, stdout, stderr } = await evaluate(
      ..."--split x --task matching --task retrieval --out new/a.json".split(
        " ",
      ),
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^HPatches split x, %\n {2}figure +value\n/);
    assert.match(stdout, /\n {2}matching\.mean +\d+\.\d\d\n/);
    assert.ok(stdout.endsWith("\nwrote new/a.json\n"), stdout);
    const { splits } = JSON.parse(
      Deno.readTextFileSync(join(folder, "new/a.json")),
    );
    assert.deepEqual(Object.keys(splits.x).sort(), ["matching", "retrieval"]);
    const { mean } = splits.x.matching;
    assert.ok(mean > 0 && mean <= 1, `mean ${mean}`);
  });

  it("measures every task when none is named", async () => {
    const { code, stderr } = await evaluate("--split=x", "--out=a.json");
    assert.equal(code, 0, stderr);
    const { splits } = JSON.parse(
      Deno.readTextFileSync(join(folder, "a.json")),
    );
    assert.deepEqual(Object.keys(splits.x).sort(), [
      "matching",
      "retrieval",
      "verification",
    ]);
  });

  it("takes another splits file, distance, PCA and power law, and intervals", async () => {
    const whitened = join(projectDirectory, "tests/golden/evaluation/whitened");
    const splits = JSON.parse(
      Deno.readTextFileSync(join(whitened, "tasks/splits/splits.json")),
    );
    Deno.writeTextFileSync(
      join(folder, "own.json"),
      JSON.stringify({ mine: splits.x }),
    );
    const { code, stdout, stderr } = await evaluate(
      `--descriptors=${whitened}/descriptors`,
      `--tasks=${whitened}/tasks`,
      ..."--splits own.json --split mine --distance L1 --pcapl --bootstrap 20 --out a.json"
        .split(" "),
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\n {2}matching\.mean +[\d.]+ +[\d.]+ … [\d.]+\n/);
    const results = JSON.parse(
      Deno.readTextFileSync(join(folder, "a.json")),
    );
    assert.deepEqual([results.distance, results.pcapl], ["L1", true]);
    const { figures, seed, sequences } = results.bootstrap.mine;
    assert.deepEqual([seed, sequences], [211, splits.x.test]);
    const { value, low, high, replicates } = figures["retrieval.mean"];
    assert.ok(low <= value && value <= high, `${low} ${value} ${high}`);
    assert.equal(replicates.length, 20);
  });

  it("refuses values that it does not know, each in one line", async () => {
    const cases: [args: string, message: string][] = [
      [
        "--task matchng",
        "found --task matchng, wanted one of verification, matching, retrieval; did you mean matching?",
      ],
      ["--distance L3", "found --distance L3, wanted one of L2, L1"],
      [
        "--bootstrap 1",
        "found --bootstrap 1, wanted a whole number from 2 to 1000000",
      ],
      ["--seed 7", "found --seed 7 alone, wanted it with --bootstrap N"],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await evaluate(
        ...`--split x --out a.json ${args}`.split(" "),
      );
      assert.equal(code, 2);
      assert.ok(stderr.startsWith(`Cannot run evaluate: ${message}`), stderr);
      assert.equal(stderr.split("\n").length, 2);
    }
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });

  it("says that PCA needs training sequences", async () => {
    const { code, stderr } = await evaluate(
      ..."--split x --pcapl --out a.json".split(" "),
    );
    assert.equal(code, 2);
    assert.equal(
      stderr,
      "Cannot fit PCA and power law: split x: found no training sequence, wanted a split with a list of training sequences: a, b or c\n",
    );
  });

  it("names the splits there are when one is unknown, and writes nothing", async () => {
    const { code, stderr } = await evaluate("--split=y", "--out=a.json");
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^Cannot [^\n]*found no split "y", wanted one of x\n$/,
    );
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });

  it("names a place that it cannot write to", async () => {
    Deno.mkdirSync(join(folder, "taken"));
    const { code, stderr } = await evaluate(
      ..."--split x --task matching --out taken".split(" "),
    );
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^Cannot write a result: taken: found a directory in place of a file; [^\n]+\n$/,
    );
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), [
      "taken",
    ]);
  });

  it("names a folder that it cannot make", async () => {
    Deno.writeTextFileSync(join(folder, "file"), "");
    const { code, stderr } = await evaluate(
      ..."--split x --task matching --out file/a.json".split(" "),
    );
    assert.equal(code, 2, stderr);
    assert.match(
      stderr,
      /^Cannot write a result: file\/a\.json: found [^\n]+\n$/,
    );
  });
});
