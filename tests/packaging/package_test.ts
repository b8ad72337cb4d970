import assert from "node:assert/strict";
import { publishedNetwork } from "../../pipeline/descriptors/published_network.ts";
import { dirname, join } from "@std/path";
import { after, before, describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import {
  type Finished,
  projectDirectory,
  runProcess,
} from "../helpers/command_line.ts";
import { writeUntrainedModel } from "../helpers/pipeline/untrained_model.ts";

const { name, version, imports } = JSON.parse(
  Deno.readTextFileSync(join(projectDirectory, "deno.json")),
) as { name: string; version: string; imports: Record<string, string> };

/** A program of somebody else's: describes two patches, and prints the errors that it can tell apart. */
const program = `
import { DataError, FeatureError, GpuError, loadConfig, loadDescriptor, plan } from "${name}";
import { cutPatches, detectKeypoints } from "${name}/features";

using descriptor = await loadDescriptor("model.safetensors");
const patches = new Uint8Array(2 * 64 * 64).map((_, i) => i * 7 % 251);
const values = await descriptor.describe(patches, 64);
const picture = { width: 64, height: 64, pixels: patches.subarray(4096) };
const errors: string[] = [];
for (const work of [
  () => loadDescriptor("absent.safetensors"),
  () => loadDescriptor("model.safetensors", { memoryMib: 1 }),
  async () => cutPatches(picture, [], { sidePixels: -1 }),
]) {
  await work().catch((error: unknown) => {
    const kind = [DataError, GpuError, FeatureError].find((kind) => error instanceof kind);
    errors.push(kind?.name ?? String(error));
  });
}
const config = await loadConfig("own.toml");
const planned = await plan(config).then(
  ({ stages }) => stages.map(({ stage }) => stage).join(" "),
  (error: Error) => error.message,
);
console.log(JSON.stringify({
  length: values.length,
  unit: Math.hypot(...values.subarray(0, 128)).toFixed(4),
  keypoints: Array.isArray(detectKeypoints(picture)),
  errors,
  planned,
}));
`;

describe("the package", () => {
  let folder: string;
  let packed: string;
  let dryRun: Finished;

  before(async () => {
    folder = Deno.makeTempDirSync({ prefix: "package-" });
    packed = join(folder, "packed");
    dryRun = await runProcess(Deno.execPath(), [
      "publish",
      "--dry-run",
      "--allow-dirty",
    ]);
    for (
      const [url] of dryRun.stderr.matchAll(/file:\S+(?= \([\d.]+\w*B\))/g)
    ) {
      const path = fileURLToPath(url);
      const copy = join(packed, path.slice(projectDirectory.length + 1));
      Deno.mkdirSync(dirname(copy), { recursive: true });
      Deno.copyFileSync(path, copy);
    }
  });

  after(() => Deno.removeSync(folder, { recursive: true }));

  /** An empty project with the program, a network and a config of its own. */
  async function emptyProject(settings: unknown): Promise<string> {
    const project = Deno.makeTempDirSync({ dir: folder });
    const write = (file: string, text: string) =>
      Deno.writeTextFileSync(join(project, file), text);
    write("deno.json", JSON.stringify(settings));
    write("main.ts", program);
    write("own.toml", '[download]\nsource_dir = "absent"\n');
    await writeUntrainedModel(join(project, "model.safetensors"), 211);
    return project;
  }

  async function answerOf(project: string, ...flags: string[]) {
    const { code, stdout, stderr } = await runProcess(Deno.execPath(), [
      "run",
      "--no-prompt",
      "--no-lock",
      "--allow-read",
      ...flags,
      "main.ts",
    ], { cwd: project });
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  }

  it("is published without a complaint, with what a program needs and nothing else", () => {
    const { code, stderr } = dryRun;
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /^(warning|error)/im);
    assert.match(stderr, new RegExp(`publish of ${name}@${version} with`));
    const top = [...Deno.readDirSync(packed)].map(({ name }) => name).sort();
    assert.deepEqual(top, [
      "CITATION.cff",
      "LICENSE",
      "README.md",
      "configs",
      "data",
      "deno.json",
      "deno.lock",
      "docs",
      "features",
      "gpu",
      "mod.ts",
      "pipeline",
      ...(publishedNetwork() === undefined ? [] : ["weights"]),
    ]);
  });

  it("has the version that is cited", () => {
    const citation = Deno.readTextFileSync(
      join(projectDirectory, "CITATION.cff"),
    );
    assert.match(citation, new RegExp(`^version: ${version}$`, "m"));
  });

  it("is checked, imported and used from an empty project that links its folder", async () => {
    const project = await emptyProject({
      links: ["../packed"],
      imports: { [name]: `jsr:${name}@^${version}` },
    });
    const check = await runProcess(Deno.execPath(), [
      "check",
      "--no-lock",
      "main.ts",
    ], { cwd: project });
    assert.equal(check.code, 0, check.stderr);
    const { planned, ...rest } = await answerOf(project);
    assert.deepEqual(rest, {
      length: 256,
      unit: "1.0000",
      keypoints: true,
      errors: ["DataError", "GpuError", "FeatureError"],
    });
    assert.match(planned, /Cannot read the image folder: .*absent: /);
  });

  it("describes when it comes from a URL, and says why it cannot train there", async () => {
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      async (request) => {
        const { pathname } = new URL(request.url);
        const type = pathname.endsWith(".ts") ? "application/typescript" : "";
        return new Response(await Deno.readFile(join(packed, pathname)), {
          headers: { "content-type": type || "text/plain" },
        });
      },
    );
    const host = `127.0.0.1:${(server.addr as Deno.NetAddr).port}`;
    const base = `http://${host}/`;
    // What a registry does with the bare names of a package's modules.
    const written = Object.entries(imports).map(([name, target]) => [
      name,
      target.replace(/^\.\//, base),
    ]);
    const project = await emptyProject({
      imports: {
        ...Object.fromEntries(written),
        [name]: `${base}mod.ts`,
        [`${name}/features`]: `${base}features/mod.ts`,
      },
    });
    const answer = await answerOf(project, `--allow-import=${host}`);
    assert.equal(answer.length, 256);
    assert.match(
      answer.planned,
      /^Cannot tell a stage's code: http:\S+ found a program that was imported from a registry or a URL, wanted one in a folder[^\n]*; clone the repository [^\n]*$/,
    );
  });
});
