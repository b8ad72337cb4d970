/**
 * `./run test:dawn [--all]`: gpu/ in Node on Dawn, the WebGPU of Chromium, beside Deno's. Without `--all` the files that take
 * SwiftShader long are left out, and all kernels are compiled by Dawn but not by a driver.
 */
import assert from "node:assert/strict";
import { join } from "@std/path";
import { before, describe, it } from "@std/testing/bdd";
import {
  type Finished,
  projectDirectory,
  runProcess,
} from "../helpers/command_line.ts";
import { bundleForNode, installDawn, runModule } from "./dawn.ts";
import { type Figures, readFigures } from "./figures_file.ts";

const missing = await installDawn();
if (missing !== undefined) console.error(`test:dawn did not run: ${missing}`);

const all = Deno.args.includes("--all");

/** Run whole networks again and again, or compile many kernels: from 10 to 60 s each on SwiftShader. */
const slow = [
  "tests/golden/gpu_network_golden_test.ts",
  "tests/golden/gpu_training_golden_test.ts",
  "tests/gpu/compiling/compile_ahead_test.ts",
  "tests/gpu/nn/architecture_test.ts",
  "tests/gpu/nn/training/backward_pass_test.ts",
  "tests/gpu/nn/descriptor_network_test.ts",
  "tests/gpu/nn/inference_networks_test.ts",
  "tests/gpu/nn/network_memory_test.ts",
  "tests/gpu/nn/network_test.ts",
  "tests/gpu/nn/training/paired_training_test.ts",
  "tests/gpu/nn/training/trainer_test.ts",
  "tests/gpu/ops/convolution/conv3x3_shared_test.ts",
  "tests/gpu/ops/convolution/conv3x3_test.ts",
  "tests/gpu/ops/normalized/conv3x3_first_frn_tlu_test.ts",
  "tests/gpu/ops/normalized/conv3x3_frn_tlu_backward_test.ts",
  "tests/gpu/ops/normalized/conv3x3_frn_tlu_test.ts",
  "tests/gpu/tiles_test.ts",
  "tests/gpu/tuning/tune_test.ts",
];

/** Folders of `tests/gpu` whose tests use no Deno. */
const gpuRooms = [
  "",
  "/compiling",
  "/nn",
  "/ops",
  "/ops/convolution",
  "/ops/normalized",
  "/sums",
  "/tuning",
];

/** Tests that Deno runs too. */
const suite = [
  ...testsIn("tests/golden").filter((path) => path.includes("/gpu_")),
  ...gpuRooms.flatMap((room) => testsIn(`tests/gpu${room}`)),
].filter((path) => all || !slow.includes(path));

const everyKernel = "tests/dawn/every_kernel.ts";
const figures = "tests/dawn/figures.ts";

/** By how much a gradient may differ, of its norm: another compiler fuses and orders what WGSL lets it. */
const gradientTolerance = 2e-6;

describe("gpu/ on Dawn", { skip: missing !== undefined }, () => {
  let ended: ReadonlyMap<string, Promise<Finished>>;
  before(async () => {
    await bundleForNode([...suite, everyKernel, figures]);
    ended = runAll(suite);
  });

  it("compiles and runs every kernel of every device class", async () => {
    // Dawn without a driver checks every text and every call; a driver's compiler takes 80 s.
    const options = all ? {} : { dawn: "backend=null" };
    assertPassed(await runModule(everyKernel, [], options));
  });

  it("describes as on Deno to the bit, and trains but for roundings", async () => {
    const folder = await Deno.makeTempDir();
    try {
      const [deno, dawn] = [join(folder, "deno"), join(folder, "dawn")];
      const [onDeno, onDawn] = await Promise.all([
        runProcess(Deno.execPath(), [
          "run",
          "--no-prompt",
          "--no-check",
          `--allow-read=${projectDirectory}`,
          `--allow-write=${deno}`,
          figures,
          deno,
        ]),
        runModule(figures, [dawn]),
      ]);
      assertPassed(onDeno);
      assertPassed(onDawn);
      assertAgree(
        readFigures(await Deno.readTextFile(dawn)),
        readFigures(await Deno.readTextFile(deno)),
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  for (const path of suite) {
    it(`passes ${path}`, async () => assertPassed(await ended.get(path)!));
  }
});

/** Runs modules, two at a time: each compiles its kernels on one processor before it computes. @returns by path, how each ends */
function runAll(paths: readonly string[]): Map<string, Promise<Finished>> {
  const runs = paths.map((path) => ({
    path,
    ...Promise.withResolvers<Finished>(),
  }));
  const waiting = [...runs];
  const runNext = (): void => {
    const next = waiting.shift();
    if (next === undefined) return;
    next.resolve(runModule(next.path, []).finally(runNext));
  };
  for (let lane = 0; lane < 2; lane++) runNext();
  return new Map(runs.map(({ path, promise }) => [path, promise]));
}

function testsIn(folder: string): string[] {
  return [...Deno.readDirSync(join(projectDirectory, folder))]
    .filter(({ name }) => name.endsWith("_test.ts"))
    .map(({ name }) => `${folder}/${name}`).sort();
}

function assertPassed({ code, stdout, stderr }: Finished): void {
  assert.equal(code, 0, `${stdout}\n${stderr}`);
}

function assertAgree(found: Figures, expected: Figures): void {
  assert.notEqual(found.adapter, "");
  assert.deepEqual([...found.values.keys()], [...expected.values.keys()]);
  for (const [name, values] of found.values) {
    const others = expected.values.get(name)!;
    assert.equal(values.length, others.length, name);
    if (name === "descriptors") {
      assert.deepEqual(values, others, "descriptors");
      continue;
    }
    let [difference, norm] = [0, 0];
    for (let at = 0; at < others.length; at++) {
      difference += (values[at] - others[at]) ** 2;
      norm += others[at] ** 2;
    }
    const share = Math.sqrt(difference / norm);
    assert.ok(
      share <= gradientTolerance,
      `${name}: ${share} of its norm apart, ${found.adapter} and ${expected.adapter}`,
    );
  }
}
