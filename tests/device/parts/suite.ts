/** The GPU's test-suite, one process a file: goldens first, then the network, the operations, and what they stand on. */
import { join } from "@std/path";
import { fileURLToPath } from "node:url";
import { openGpu } from "../../../gpu/device.ts";
import { partOptions, report } from "../report.ts";

const { tiny } = partOptions();
const root = fileURLToPath(new URL("../../..", import.meta.url));
const most = 8;

const files = tiny
  ? ["tests/gpu/recorder_test.ts", "tests/gpu/ops/median_test.ts"]
  : [
    ...testsIn("tests/golden").filter((path) => path.includes("/gpu_")),
    ...testsIn("tests/gpu/nn"),
    ...testsIn("tests/gpu/ops"),
    ...testsIn("tests/gpu/ops/convolution"),
    ...testsIn("tests/gpu/ops/normalized"),
    ...testsIn("tests/gpu/sums"),
    ...testsIn("tests/gpu/tuning"),
    ...testsIn("tests/gpu/compiling"),
    ...testsIn("tests/gpu"),
  ];

const software = await isSoftware();
const workers = software
  ? 1
  : Math.max(1, Math.min(most, Math.floor(navigator.hardwareConcurrency / 2)));
const waiting = [...files];
const done: Outcome[] = [];
report({ files: files.length, workers });
await Promise.all(Array.from({ length: workers }, async () => {
  for (let file = waiting.shift(); file; file = waiting.shift()) {
    done.push(await runTests(file));
    report({
      run: done.length,
      passed: sum(({ passed }) => passed),
      failed: sum(({ failed }) => failed),
      failures: done.filter(({ output }) => output !== undefined),
      secondsByFile: Object.fromEntries(
        done.map(({ file, seconds }) => [file, seconds]),
      ),
    });
  }
}));
if (done.some(({ output }) => output !== undefined)) Deno.exit(1);

interface Outcome {
  file: string;
  passed: number;
  failed: number;
  seconds: number;
  /** the end of what it wrote, where it failed */
  output?: string;
}

async function runTests(file: string): Promise<Outcome> {
  const startMs = performance.now();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--no-prompt",
      "--no-check",
      "--allow-read",
      "--allow-write",
      "--allow-run",
      "--allow-env",
      "--allow-sys",
      file,
    ],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout) +
    new TextDecoder().decode(stderr);
  const count = (word: string) => {
    const match = new RegExp(` (\\d+) ${word}(?: \\((\\d+) step)?`).exec(
      /^(ok|FAILED) \|.*$/m.exec(text)?.[0] ?? "",
    );
    return Number(match?.[1] ?? 0) + Number(match?.[2] ?? 0);
  };
  return {
    file,
    passed: count("passed"),
    failed: count("failed"),
    seconds: Math.round((performance.now() - startMs) / 100) / 10,
    ...(code === 0 ? {} : { output: text.slice(-4000) }),
  };
}

function testsIn(folder: string): string[] {
  return [...Deno.readDirSync(join(root, folder))]
    .filter(({ name }) => name.endsWith("_test.ts"))
    .map(({ name }) => `${folder}/${name}`).sort();
}

async function isSoftware(): Promise<boolean> {
  using gpu = await openGpu();
  return gpu.adapter.deviceClass === "software";
}

function sum(of: (outcome: Outcome) => number): number {
  return done.reduce((total, outcome) => total + of(outcome), 0);
}
