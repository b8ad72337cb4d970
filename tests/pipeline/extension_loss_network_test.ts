/** Adds a loss and a network to a copy of the program, in the way that CONTRIBUTING tells, and trains with both. */
import assert from "node:assert/strict";
import { before, describe, it } from "@std/testing/bdd";
import { join } from "@std/path";
import { readCheckpoint } from "../../data/mod.ts";
import { runProcess } from "../helpers/command_line.ts";
import { copyProject, workplace } from "../helpers/pipeline/tiny_pipeline.ts";
import { smallNetwork } from "../helpers/gpu/small_network.ts";

let project: string;

before(async () => {
  project = await copyProject();
});

/** Puts text before or after what stands exactly once in a file of the copy. */
function edit(path: string, at: string, change: (at: string) => string): void {
  const file = join(project, path);
  const text = Deno.readTextFileSync(file);
  assert.equal(text.split(at).length, 2, `${path} has one ${at}`);
  Deno.writeTextFileSync(file, text.replace(at, () => change(at)));
}

/** Places and messages of the copy's type errors. */
async function typeErrors(): Promise<string[]> {
  const { code, stderr } = await runProcess(
    Deno.execPath(),
    ["check", "mod.ts", "pipeline/cli.ts"],
    { cwd: project },
  );
  const errors = stderr.split("\n\n").filter((part) => /\[ERROR\]/.test(part));
  assert.equal(errors.length === 0, code === 0, stderr);
  return errors;
}

describe("a loss added to its table", () => {
  it("is missed by the compiler where its kernel is chosen", async () => {
    edit(
      "gpu/nn/losses.ts",
      "  tripletTeacher: {",
      (row) =>
        `  squaredTriplet: {
    id: 5,
    shaderName: "SQUARED_TRIPLET",
    stage: 1,
    needsTeacher: false,
    constant: 0,
    hasZeroPosition: false,
  },
${row}`,
    );
    const errors = await typeErrors();
    assert.match(
      errors.join("\n"),
      /Property 'squaredTriplet' is missing[^]*gpu\/nn\/training\/loss_terms\.ts/,
    );
    assert.equal(errors.length, 1, errors.join("\n"));
  });

  it("passes once that is filled in", async () => {
    edit(
      "gpu/nn/training/loss_terms.ts",
      "  tripletTeacher: descriptorLossTerms,",
      (row) => `  squaredTriplet: descriptorLossTerms,\n${row}`,
    );
    const shader = "gpu/wgsl/loss/descriptor_loss.wgsl";
    edit(
      shader,
      "const_assert KIND == ",
      (start) => `${start}SQUARED_TRIPLET || KIND == `,
    );
    edit(
      shader,
      "    if (KIND == TRIPLET || KIND == WEIGHTED_TRIPLET) {",
      (branch) =>
        `    if (KIND == SQUARED_TRIPLET) {
      let violation = params.margin + a - b;
      weight = select(1.0, 0.0, violation <= 0.0);
      loss = weight * violation * violation;
      to_positive = weight * 2.0 * violation;
      to_negative = -to_positive;
    } else ${branch.trim()}`,
    );
    assert.deepEqual(await typeErrors(), []);
  });
});

describe("a network added to its table", () => {
  it("needs nothing else: it trains, describes and is measured under that loss", async () => {
    const { body, ...rest } = smallNetwork;
    const blocks = body.map((
      { convolution, frn, tlu, outputChannels, stride },
    ) => ({ convolution, frn, tlu, outputChannels, stride }));
    Deno.writeTextFileSync(
      join(project, "gpu/nn/small.ts"),
      `import { type Architecture, architecture } from "./architecture.ts";
export const small: Architecture = architecture(${
        JSON.stringify({ ...rest, body: blocks })
      });
`,
    );
    edit(
      "gpu/nn/networks.ts",
      "  SDGMNet128: sdgmnet128,\n",
      (row) => `${row}  Small: small,\n`,
    );
    edit(
      "gpu/nn/networks.ts",
      'import { sdgmnet128 } from "./sdgmnet128.ts";\n',
      (line) => `${line}import { small } from "./small.ts";\n`,
    );
    assert.deepEqual(await typeErrors(), []);

    const cwd = await workplace();
    const run = (...args: string[]) =>
      runProcess(Deno.execPath(), [
        "run",
        "--no-prompt",
        "--allow-read",
        "--allow-write=runs,.cache",
        join(project, "pipeline/cli.ts"),
        ...args,
      ], { cwd });
    const finished = await run(
      "reproduce",
      "tiny.toml",
      '--set=stage1.arch="Small"',
      '--set=stage1.loss="squaredTriplet"',
      '--set=extract.descriptors=["trained","untrained"]',
    );
    assert.equal(finished.code, 0, finished.stderr);
    const model = "runs/tiny/stage2/model.safetensors";
    const { tensors, metadata } = await readCheckpoint(join(cwd, model));
    assert.equal(metadata.model_arch, "Small");
    assert.deepEqual(tensors.get("head.weight")?.shape, [128, 64, 8, 8]);
    const results = Deno.readTextFileSync(
      join(cwd, "runs/tiny/results.json"),
    );
    assert.match(results, /"trained"/);
    assert.match(results, /"untrained"/);
    const converted = await run("convert", model, "runs/model.onnx");
    assert.equal(converted.code, 0, converted.stderr);
  });

  it("is told in the message about a name that is none", async () => {
    const cwd = await workplace();
    const { code, stderr } = await runProcess(Deno.execPath(), [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-write=.cache",
      join(project, "pipeline/cli.ts"),
      "status",
      "tiny.toml",
      '--set=stage1.arch="Smal"',
    ], { cwd });
    assert.equal(code, 2);
    assert.match(
      stderr,
      /found "Smal", wanted one of "SDGMNet128", "Small"; did you mean "Small"\?/,
    );
  });
});
