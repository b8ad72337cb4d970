import assert from "node:assert/strict";
import { join } from "@std/path";
import { after, before, describe, it } from "@std/testing/bdd";
import {
  cutPatches,
  detectKeypoints,
  type Keypoint,
} from "../../features/mod.ts";
import type { GreyImage } from "../../data/mod.ts";
import { initialWeights } from "../../gpu/mod.ts";
import { sdgmnet128 } from "../../gpu/nn/sdgmnet128.ts";
import { loadDescriptor } from "../../mod.ts";
import { networkToOnnx } from "../../pipeline/descriptors/onnx_network.ts";
import { projectDirectory, runProcess } from "../helpers/command_line.ts";
import { encodeGreyBmp } from "../helpers/data/test_images.ts";
import { goldenPhotograph } from "../helpers/features/golden_photographs.ts";
import { writeUntrainedModel } from "../helpers/pipeline/untrained_model.ts";
import { resize64 } from "../reference/resize_patch.ts";

const page = Deno.readTextFileSync(join(projectDirectory, "docs/use.md"));

/** The only block of code in that language below a heading. */
function codeOf(heading: string, language: string): string {
  const section = page.split(`\n## ${heading}\n`)[1].split("\n## ")[0];
  const blocks = section.split(`\n\`\`\`${language}\n`);
  assert.equal(blocks.length, 2, heading);
  return blocks[1].split("\n```")[0];
}

/** Debian's Python has the packages of the page, where they are installed. */
const python = "/usr/bin/python3";
const hasPython = await runProcess(python, ["-c", "import cv2, numpy, PIL"])
  .then(({ code }) => code === 0, () => false);
const itInPython = hasPython ? it : it.skip;

/** The first rows and columns of a picture. */
function cornerOf({ width, pixels }: GreyImage, side: number): GreyImage {
  const corner = new Uint8Array(side * side);
  for (let y = 0; y < side; y++) {
    corner.set(pixels.subarray(y * width, y * width + side), y * side);
  }
  return { width: side, height: side, pixels: corner };
}

describe("docs/use.md", () => {
  let folder: string;
  let picture: GreyImage;
  let keypoints: Keypoint[];
  let patches: Uint8Array<ArrayBuffer>;

  before(async () => {
    folder = Deno.makeTempDirSync({ prefix: "use-" });
    picture = await goldenPhotograph("black-canyon");
    keypoints = detectKeypoints(picture, { most: 100 });
    patches = cutPatches(picture, keypoints, { sidePixels: 64 });
    Deno.writeFileSync(join(folder, "p.bmp"), encodeGreyBmp(picture));
    await writeUntrainedModel(join(folder, "model.safetensors"), 211);
  });

  after(() => Deno.removeSync(folder, { recursive: true }));

  /** Makes the folder a project that has the checkout as a package. */
  function writeSettings(imports: Record<string, string>): void {
    Deno.writeTextFileSync(
      join(folder, "deno.json"),
      JSON.stringify({
        nodeModulesDir: "none",
        links: [projectDirectory],
        imports: {
          "@self-tnet/self-tnet": "jsr:@self-tnet/self-tnet@^0.1.0",
          ...imports,
        },
      }),
    );
  }

  it("has a program for Deno that the compiler takes", async () => {
    const path = join(folder, "main.ts");
    Deno.writeTextFileSync(path, codeOf("Deno", "ts"));
    writeSettings({});
    const { code, stderr } = await runProcess(Deno.execPath(), [
      "check",
      "--no-lock",
      path,
    ], { cwd: folder });
    assert.equal(code, 0, stderr);
  });

  itInPython(
    "cuts and reduces in Python as this program does, within OpenCV's 1/32 of a pixel",
    async () => {
      Deno.writeTextFileSync(join(folder, "use.py"), codeOf("Python", "py"));
      Deno.writeTextFileSync(
        join(folder, "keypoints.csv"),
        keypoints.map(({ x, y, sigma, angle }) => [x, y, sigma, angle].join())
          .join("\n"),
      );
      const { code, stderr } = await runProcess(python, [
        "-c",
        [
          "import cv2, numpy, use",
          "grey = cv2.imread('p.bmp', cv2.IMREAD_GRAYSCALE)",
          "rows = numpy.loadtxt('keypoints.csv', delimiter=',', ndmin=2)",
          "patches = use.cut(grey, rows)",
          "patches.tofile('cut.u8')",
          "use.reduce(patches).tofile('reduced.f32')",
        ].join("\n"),
      ], { cwd: folder });
      assert.equal(code, 0, stderr);
      const cut = Deno.readFileSync(join(folder, "cut.u8"));
      assert.equal(cut.length, patches.length);
      const apart = cut.map((value, i) => Math.abs(value - patches[i]));
      assert.ok(apart.reduce((sum, d) => sum + d, 0) / apart.length < 0.25);
      assert.ok(Math.max(...apart.subarray(0, 100_000)) <= 8);
      const reduced = new Float32Array(
        Deno.readFileSync(join(folder, "reduced.f32")).buffer,
      );
      for (let n = 0; n < keypoints.length; n++) {
        const right = resize64(cut.subarray(n * 4096, (n + 1) * 4096));
        const found = reduced.subarray(n * 1024, (n + 1) * 1024);
        assert.deepEqual(
          found,
          Float32Array.from(right, (value) => value / 255),
        );
      }
    },
  );

  it("describes through OpenCV's dnn as this program does", async () => {
    if (!hasPython) {
      console.log("passed over: python3 here lacks cv2, numpy or PIL");
      return;
    }
    Deno.writeTextFileSync(join(folder, "use.py"), codeOf("Python", "py"));
    const few = patches.subarray(0, 5 * 64 * 64);
    Deno.writeFileSync(join(folder, "few.u8"), few);
    Deno.writeFileSync(
      join(folder, "dnn.onnx"),
      networkToOnnx(initialWeights(sdgmnet128, 211)),
    );
    const { code, stderr } = await runProcess(python, [
      "-c",
      [
        "import numpy, use",
        "few = numpy.fromfile('few.u8', numpy.uint8).reshape(-1, 64, 64)",
        "use.describe('dnn.onnx', use.reduce(few)).tofile('dnn.f32')",
      ].join("\n"),
    ], { cwd: folder });
    assert.equal(code, 0, stderr);
    const theirs = new Float32Array(
      Deno.readFileSync(join(folder, "dnn.f32")).buffer,
    );
    using descriptor = await loadDescriptor(join(folder, "model.safetensors"));
    const ours = await descriptor.describe(few, 64);
    assert.equal(theirs.length, ours.length);
    assert.ok(ours.every((value, i) => Math.abs(value - theirs[i]) < 2e-4));
  });

  it("describes through ONNX in JavaScript as this program does", async () => {
    const model = join(folder, "model.safetensors");
    Deno.writeFileSync(
      join(folder, "model.onnx"),
      networkToOnnx(initialWeights(sdgmnet128, 211)),
    );
    const program = codeOf("Node", "js").replace(
      "../self-tnet/features/mod.ts",
      "@self-tnet/self-tnet/features",
    );
    Deno.writeTextFileSync(
      join(folder, "node.js"),
      `${program}
const pixels = Deno.readFileSync("picture.u8");
const picture = { width: 200, height: 200, pixels };
const { keypoints, descriptors } = await describe(picture, Deno.readFileSync("model.onnx"));
Deno.writeFileSync("descriptors.f32", new Uint8Array(descriptors.slice().buffer));
console.log(keypoints.length);
`,
    );
    const part = cornerOf(picture, 200);
    Deno.writeFileSync(join(folder, "picture.u8"), part.pixels);
    const onnxruntime = join(projectDirectory, "tests/onnxruntime");
    Deno.copyFileSync(
      join(onnxruntime, "deno.lock"),
      join(folder, "deno.lock"),
    );
    const { imports } = JSON.parse(
      Deno.readTextFileSync(join(onnxruntime, "deno.json")),
    );
    writeSettings({ "onnxruntime-node": imports["onnxruntime-web/wasm"] });
    const { code, stdout, stderr } = await runProcess(Deno.execPath(), [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-write=.",
      "node.js",
    ], { cwd: folder });
    assert.equal(code, 0, stderr);
    using descriptor = await loadDescriptor(model);
    const ours = await descriptor.describeImage(part);
    assert.equal(Number(stdout), ours.keypoints.length);
    const theirs = new Float32Array(
      Deno.readFileSync(join(folder, "descriptors.f32")).buffer,
    );
    const apart = theirs.map((value, i) =>
      Math.abs(value - ours.descriptors[i])
    );
    assert.ok(apart.every((difference) => difference < 2e-4));
    assert.ok(ours.keypoints.length > 20);
  });
});
