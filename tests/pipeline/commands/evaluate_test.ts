import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { listPhotographs } from "../../../data/mod.ts";
import { writeImagePairs } from "../../../data/photographs/photo_image_pairs.ts";
import {
  projectDirectory,
  runProcess,
  runWritingCli,
} from "../../helpers/command_line.ts";
import { photoTourFiles } from "../../helpers/data/published_files.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

const golden = join(projectDirectory, "tests/golden/evaluation/plain");

function run(...args: string[]) {
  return runWritingCli([
    "evaluate",
    "--quiet",
    ...args,
  ], { cwd: folder });
}

function evaluate(...args: string[]) {
  return run(
    ...(args.some((argument) => argument.startsWith("--tasks"))
      ? []
      : [`--descriptors=${golden}/descriptors`, `--tasks=${golden}/tasks`]),
    ...args,
  );
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

  it("measures the matches of image pairs, which compare reads", async () => {
    const { training, heldOut } = await listPhotographs("", 3);
    const options = { seed: 1, pairsPerPhotograph: 2 };
    const write = (name: string, photographs: typeof training) =>
      writeImagePairs(join(folder, name), photographs, options, name);
    await write("views", heldOut.slice(-1));
    await write("others", training.slice(2, 3));
    const { code, stdout, stderr } = await run(
      ..."--image-pairs views --validation-pairs others --out new/a.json"
        .split(" "),
      ..."--descriptor rootsift --descriptor pixels --keypoints 300".split(" "),
      "--bootstrap=5",
    );
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^2 image pairs of views, each descriptor's ratio chosen on others; figures in % \(95 % interval over sequences\)\n {2}descriptor +ratio +matches +estimated ↑ +MMA 3 px ↑ +recall 3 px ↑ +corner AUC 1 px ↑/,
    );
    assert.match(stdout, /\nMean matching accuracy of views, % within so many/);
    assert.ok(stdout.endsWith("\nwrote new/a.json\n"), stdout);
    const written = JSON.parse(
      Deno.readTextFileSync(join(folder, "new/a.json")),
    );
    assert.equal(written.keypoints, 300);
    const { rootsift, pixels } = written.image_pairs.views;
    assert.ok(rootsift.tuned && rootsift.figures.mma_3 > 0.3);
    assert.ok(pixels.figures.mma_10 >= pixels.figures.mma_3);
    const compared = await runProcess(Deno.execPath(), [
      "run",
      "--no-prompt",
      "--allow-read",
      join(projectDirectory, "pipeline/cli.ts"),
      ..."compare new/a.json#pixels new/a.json#rootsift".split(" "),
    ], { cwd: folder });
    assert.equal(compared.code, 0, compared.stderr);
    assert.match(
      compared.stdout,
      /^Image pairs views, %: new\/a\.json#rootsift − new\/a\.json#pixels\n.*\n {2}mma_3 +\d+\.\d\d +\d+\.\d\d +[+−]?\d/,
    );
  });

  it("refuses image pairs that it cannot measure, each in one line", async () => {
    Deno.mkdirSync(join(folder, "large/v_talent"), { recursive: true });
    for (const name of ["1.png", "2.png", "H_1_2"]) {
      const text = "1 0 0 0 1 0 0 0 1";
      Deno.writeTextFileSync(join(folder, "large/v_talent", name), text);
    }
    const cases: [args: string, message: RegExp][] = [
      ["--image-pairs none --descriptor pixels", /none: found no such file/],
      [
        "--image-pairs large --without-largest --descriptor pixels",
        /large: found none but the largest sequences of HPatches, wanted others as well/,
      ],
      [
        "--image-pairs a --split x",
        /found --image-pairs with --split, wanted one of them\n$/,
      ],
      [
        "--split x",
        /wanted --descriptors, or --image-pairs or --phototour alone\n$/,
      ],
      [
        "--image-pairs a --descriptor hardnet",
        /found --descriptor hardnet, wanted one of trained, /,
      ],
      [
        "--image-pairs a --phototour b",
        /found --image-pairs with --phototour, wanted one of them\n$/,
      ],
      [
        "--image-pairs a --pcapl",
        /found --image-pairs with --pcapl, wanted one of them\n$/,
      ],
      [
        "--phototour a --bootstrap 9",
        /found --phototour with --bootstrap, wanted one of them\n$/,
      ],
      [
        "--phototour a --without-largest",
        /found --phototour with --without-largest, wanted one of them\n$/,
      ],
      [
        "--descriptors a --tasks b --split x --keypoints 9",
        /found --descriptors with --keypoints, wanted one of them\n$/,
      ],
      [
        "--image-pairs a --keypoints 0x10",
        /found --keypoints 0x10, wanted a whole number from 1 to 1000000\n$/,
      ],
      // Without a network of its own, the program says first that it has none.
      ["--image-pairs a", /found no (trained network|such file)/],
    ];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await run(
        "--out=a.json",
        ...args.split(" "),
      );
      assert.match(stderr, message);
      assert.equal(stderr.trimEnd().split("\n").length, 1);
      assert.deepEqual([code, stdout], [2, ""]);
    }
    assert.throws(() => Deno.statSync(join(folder, "a.json")));
  });

  it("measures the matches within a PhotoTour set's images", async () => {
    Deno.mkdirSync(join(folder, "set"));
    for (const { name, bytes } of photoTourFiles(120, 5)) {
      Deno.writeFileSync(join(folder, "set", name), bytes);
    }
    const measure = () =>
      run(
        ..."--phototour set --out a.json --descriptor pixels --descriptor rootsift"
          .split(" "),
      );
    const missing = await measure();
    assert.equal(missing.code, 2);
    assert.match(
      missing.stderr,
      /set\/interest\.txt: found 1 lines, wanted 240, one a patch; .+\n$/,
    );
    // Three images of 80 patches, numbers of their own.
    const lines = Array.from(
      { length: 240 },
      (_, patch) => `${7 * Math.floor(patch / 80)} 1.5 2.5 3 0\n`,
    );
    Deno.writeTextFileSync(join(folder, "set/interest.txt"), lines.join(""));
    const { code, stdout, stderr } = await measure();
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^Mean average precision .+ over 3 images of 240 patches, %\n {2}descriptor +mAP ↑ +as the benchmark's program has it ↑\n {2}pixels +\d+\.\d\d +\d+\.\d\d\n {2}rootsift .+\nwrote a\.json\n$/,
    );
    const { phototour_images } = JSON.parse(
      Deno.readTextFileSync(join(folder, "a.json")),
    );
    const { pixels } = phototour_images.descriptors;
    assert.ok(pixels.map > 0 && pixels.map < 1, String(pixels.map));
    const both = await run("--phototour=set", "--split=x", "--out=b.json");
    assert.match(both.stderr, /found --phototour with --split, wanted one/);
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
