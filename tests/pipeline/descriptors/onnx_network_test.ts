import assert from "node:assert/strict";
import { loadOpenCV } from "@opencvjs/node";
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { type TensorData, writeSafetensors } from "../../../data/mod.ts";
import { protobufFields } from "../../../data/protobuf/protobuf_reader.ts";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import { DescriptorNetwork, openGpu } from "../../../gpu/mod.ts";
import { networkToOnnx } from "../../../pipeline/descriptors/onnx_network.ts";
import { projectDirectory, runProcess } from "../../helpers/command_line.ts";
import {
  goldenNetworks,
  goldenPatches,
  goldenStateOf,
} from "../../helpers/golden/inference_golden.ts";
import { goldenState } from "../../helpers/golden/network_golden.ts";
import { noisePatches } from "../../helpers/gpu/packed_bytes.ts";
import { sampleModels, samplePatches } from "../../helpers/onnx_sample.ts";
import { resize64 } from "../../reference/resize_patch.ts";

const state = goldenState();

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync({ prefix: "onnx-" });
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

/** Runs a script of the project in the test's folder, to its end. */
async function runScript(path: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProcess(
    Deno.execPath(),
    [
      "run",
      "--no-prompt",
      ...(path.startsWith("tests/onnxruntime/")
        ? [
          `--config=${join(projectDirectory, "tests/onnxruntime/deno.json")}`,
          "--frozen",
        ]
        : []),
      "--allow-read",
      "--allow-write=.",
      join(projectDirectory, path),
      ...args,
    ],
    { cwd: folder },
  );
  assert.equal(code, 0, stderr);
  return stdout;
}

/** Descriptors of patches [N, 32, 32] that onnxruntime gives, in batches of the given sizes. */
async function runOnnx(
  pixels: Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>,
  batchSizes: readonly number[],
): Promise<Float32Array> {
  const file = pixels instanceof Uint8Array ? "patches.u8" : "patches.f32";
  Deno.writeFileSync(join(folder, file), new Uint8Array(pixels.buffer));
  const stdout = await runScript(
    "tests/onnxruntime/run_model.ts",
    ...["m.onnx", file, "descriptors.f32"],
    ...batchSizes.map(String),
  );
  assert.equal(
    stdout,
    batchSizes.map((size) =>
      `[ "patches" ] [ "descriptors" ] [ ${size}, 128 ]\n`
    )
      .join(""),
  );
  const bytes = Deno.readFileSync(join(folder, "descriptors.f32"));
  return new Float32Array(bytes.buffer);
}

/** What is used here of OpenCV, beyond the package's types. */
interface OpenCvNetworks {
  FS_createDataFile(
    ...file: [string, string, Uint8Array, boolean, boolean, boolean]
  ): void;
  readNetFromONNX(
    path: string,
  ): { setInput(blob: unknown): void; forward(): { data32F: Float32Array } };
  blobFromImage(...image: unknown[]): unknown;
}

/** The descriptor of one 8-bit patch [32, 32] that OpenCV's `dnn` gives. */
async function describeInOpenCv(
  model: Uint8Array,
  patch: Uint8Array,
): Promise<Float32Array> {
  const cv = await loadOpenCV();
  const networks = cv as unknown as OpenCvNetworks;
  networks.FS_createDataFile("/", "m.onnx", model, true, false, false);
  const network = networks.readNetFromONNX("/m.onnx");
  const image = cv.matFromArray(32, 32, cv.CV_8U, [...patch]);
  const size = new cv.Size(32, 32);
  network.setInput(networks.blobFromImage(
    ...[image, 1, size, new cv.Scalar(0, 0, 0, 0), false, false, cv.CV_8U],
  ));
  return network.forward().data32F;
}

/** The texts of a model, by the path of their field numbers. */
function textsAt(model: Uint8Array, ...path: number[]): string[] {
  const [first, ...rest] = path;
  return [...protobufFields(model, "model")].flatMap(({ field, bytes }) => {
    if (field !== first || bytes === undefined) return [];
    return rest.length === 0
      ? [new TextDecoder().decode(bytes)]
      : textsAt(bytes, ...rest);
  });
}

describe("an ONNX model", () => {
  it("gives in onnxruntime the GPU's descriptors, at every batch size", async () => {
    const weights = new Map<string, TensorData>();
    for (const [name, { shape, data }] of state) {
      const floats = Float32Array.from(data);
      weights.set(name, { dtype: "F32", shape: [...shape], data: floats });
    }
    await writeSafetensors(join(folder, "m.safetensors"), weights);
    const said = await runScript(
      "pipeline/cli.ts",
      ...["convert", "m.safetensors", "m.onnx"],
    );
    assert.equal(
      said,
      "wrote m.onnx: patches [N, 1, 32, 32] to descriptors [N, 128]\n",
    );

    const batchSizes = [1, 7, 16];
    const count = 24;
    const patches = noisePatches(count, 64, 11);
    const pixels = new Float32Array(count * 1024);
    for (let n = 0; n < count; n++) {
      const patch = resize64(patches.subarray(n * 4096, (n + 1) * 4096));
      pixels.set(Float32Array.from(patch, (value) => value / 255), n * 1024);
    }
    const actual = await runOnnx(pixels, batchSizes);
    assert.equal(actual.length, count * 128);

    using gpu = await openGpu();
    using network = DescriptorNetwork.create(gpu, sdgmnet128, state, {
      batchSize: 16,
    });
    const expected = await network.describe(patches, "phototour64");
    let worst = 0;
    expected.forEach((value, at) => {
      worst = Math.max(worst, Math.abs(actual[at] - value));
    });
    assert.ok(worst <= 1e-5, `an entry is ${worst} apart`);
    assert.notDeepEqual(
      expected.subarray(0, 128),
      expected.subarray(128, 256),
      "patches that cannot be told apart prove nothing",
    );
  });

  it("takes 8-bit patches as they were cut when it is asked for", async () => {
    const weights = new Map<string, TensorData>();
    for (const [name, { shape, data }] of state) {
      const floats = Float32Array.from(data);
      weights.set(name, { dtype: "F32", shape: [...shape], data: floats });
    }
    await writeSafetensors(join(folder, "m.safetensors"), weights);
    const convert = (...args: string[]) =>
      runScript("pipeline/cli.ts", "convert", "m.safetensors", ...args);
    assert.equal(
      await convert("m.onnx", "--bytes"),
      "wrote m.onnx: 8-bit patches [N, 1, 32, 32] to descriptors [N, 128]\n",
    );
    const patches = Uint8Array.from(noisePatches(12, 32, 5));
    const bytes = await runOnnx(patches, [5, 7]);
    const model = networkToOnnx(state, { patches: "bytes" });
    assert.match(textsAt(model, 6)[0], /8 bits, as they were cut/);
    assert.deepEqual(textsAt(model, 7, 1, 4).slice(0, 2), ["Cast", "Div"]);
    await convert("m.onnx");
    const floats = await runOnnx(
      Float32Array.from(patches, (value) => value / 255),
      [5, 7],
    );
    assert.deepEqual(bytes, floats);
    const first = await describeInOpenCv(model, patches.subarray(0, 1024));
    first.forEach((value, at) => {
      assert.ok(Math.abs(value - bytes[at]) < 1e-5, `${value}, ${bytes[at]}`);
    });
  });

  it("was read by OpenCV 4.6, of Debian 12, to the same descriptors", async () => {
    const { opencv, models } = JSON.parse(Deno.readTextFileSync(
      new URL("../../golden/onnx/opencv.json", import.meta.url),
    ));
    assert.match(opencv, /^4\.6\./);
    for (const [name, model] of Object.entries(sampleModels)) {
      const { sha256, descriptors } = models[name];
      assert.equal(
        createHash("sha256").update(model).digest("hex"),
        sha256,
        "another model than OpenCV read: run tests/golden/make_onnx_golden.py",
      );
      Deno.writeFileSync(join(folder, "m.onnx"), model);
      const patches = Uint8Array.from(samplePatches);
      const floats = Float32Array.from(patches, (value) => value / 255);
      const input = name.startsWith("bytes") ? patches : floats;
      const ours = await runOnnx(input, [3]);
      descriptors.flat().forEach((value: number, at: number) => {
        assert.ok(Math.abs(value - ours[at]) <= 1e-5, `${value}, ${ours[at]}`);
      });
    }
  });

  for (const name of ["HardNet", "SOSNet", "TFeat"]) {
    it(`gives in onnxruntime ${name}'s descriptors by PyTorch`, async () => {
      const { descriptors } = goldenNetworks[name];
      const model = networkToOnnx(goldenStateOf(name));
      Deno.writeFileSync(join(folder, "m.onnx"), model);
      const patches = goldenPatches(64);
      const pixels = Float32Array.from([0, 1, 2].flatMap((n) => {
        const patch = patches.subarray(n * 4096, (n + 1) * 4096);
        return Array.from(resize64(patch), (value) => value / 255);
      }));
      const ours = await runOnnx(pixels, [3]);
      descriptors["64"].flat().forEach((value, at) => {
        assert.ok(
          Math.abs(value - ours[at]) <= 1e-5,
          `${value}, ${ours[at]}`,
        );
      });
    });
  }

  it("says what it reads and gives, and what stood beside the weights", () => {
    const model = networkToOnnx(state, {
      metadata: { seed: "211", epoch: "3" },
    });
    const [docString] = textsAt(model, 6);
    assert.match(docString, /Values 0 … 1 \(8-bit values divided by 255\)/);
    assert.match(docString, /HPatches leaves them at 0 … 255/);
    assert.deepEqual(textsAt(model, 14, 1), ["epoch", "seed"]);
    assert.deepEqual(textsAt(model, 14, 2), ["3", "211"]);
    // The extents that have names: N of the input and of the output.
    assert.deepEqual(textsAt(model, 7, 11, 2, 1, 2, 1, 2), ["N"]);
    assert.deepEqual(textsAt(model, 7, 12, 2, 1, 2, 1, 2), ["N"]);
    assert.deepEqual(
      networkToOnnx(state, { metadata: { epoch: "3", seed: "211" } }),
      model,
    );
  });

  it("has the operators of the network in order, without its dropout", () => {
    const operators = textsAt(networkToOnnx(state), 7, 1, 4);
    const frnTlu = "Mul GlobalAveragePool Add Sqrt Resize Div Mul Add Relu Add";
    const convolutions = Array.from({ length: 6 }, () => `Conv ${frnTlu}`);
    assert.equal(
      operators.join(" "),
      [
        frnTlu,
        ...convolutions,
        "Conv BatchNormalization Flatten ReduceL2 Clip Shape Expand Div",
      ].join(" "),
    );
  });

  it("is not made of a network that is not sound", () => {
    const without = new Map(state);
    without.delete("features.6.2.running_var");
    assert.throws(
      () => networkToOnnx(without),
      /^GpuError: Cannot load a network: features\.6\.2\.running_var: found no such tensor, wanted \[128\]; /,
    );
    const epsilon = state.get("features.0.0.eps")!;
    const other = new Map(state);
    other.set("features.0.0.eps", {
      ...epsilon,
      data: Float64Array.of(1e-3),
    });
    assert.throws(
      () => networkToOnnx(other),
      /^GpuError: Cannot load a network: features\.0\.0\.eps: found 0\.001, wanted /,
    );
  });
});
