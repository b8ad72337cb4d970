/**
 * Runs an ONNX model of `patches` to `descriptors` with onnxruntime, for onnx_network_test.ts:
 * `run_model.ts <model.onnx> <patches.f32|patches.u8> <descriptors.f32> <batch size>…`, one run a batch size, one after the other.
 *
 * A program of its own with a `deno.json` of its own, because everything that the project's names is installed for
 * everyone, and this weighs 140 MB.
 */

/** The part of onnxruntime that is used here. */
interface Runtime {
  env: { wasm: { numThreads: number } };
  Tensor: new (
    type: "float32" | "uint8",
    data: Float32Array | Uint8Array,
    shape: number[],
  ) => Tensor;
  InferenceSession: { create(model: Uint8Array): Promise<Session> };
}
interface Tensor {
  data: Float32Array | Uint8Array;
  dims: readonly number[];
}
interface Session {
  inputNames: readonly string[];
  outputNames: readonly string[];
  run(inputs: Record<string, Tensor>): Promise<Record<string, Tensor>>;
}

// Not as a literal, which the project's own type check would look up in the project's own imports.
const specifier = ["onnxruntime-web", "wasm"].join("/");
const runtime: Runtime = await import(specifier);
runtime.env.wasm.numThreads = 1;

const [modelPath, patchesPath, descriptorsPath, ...batchSizes] = Deno.args;
const session = await runtime.InferenceSession.create(
  await Deno.readFile(modelPath),
);
const bytes = await Deno.readFile(patchesPath);
const areBytes = patchesPath.endsWith(".u8");
const pixels = areBytes ? bytes : new Float32Array(bytes.buffer);
const results: Uint8Array<ArrayBuffer>[] = [];
let first = 0;
for (const batchSize of batchSizes.map(Number)) {
  const batch = pixels.slice(first * 1024, (first + batchSize) * 1024);
  const shape = [batchSize, 1, 32, 32];
  const type = areBytes ? "uint8" : "float32";
  const patches = new runtime.Tensor(type, batch, shape);
  const { descriptors } = await session.run({ patches });
  console.log(session.inputNames, session.outputNames, descriptors.dims);
  results.push(new Uint8Array(descriptors.data.slice().buffer));
  first += batchSize;
}
await Deno.writeFile(descriptorsPath, new Blob(results).stream());
