import { join } from "@std/path";
import { networkToOnnx } from "../../pipeline/descriptors/onnx_network.ts";
import { goldenStateOf } from "./golden/inference_golden.ts";
import { goldenState } from "./golden/network_golden.ts";
import { noisePatches } from "./gpu/packed_bytes.ts";

/** Grey patches [3, 32, 32] of 8 bits. */
export const samplePatches = noisePatches(3, 32, 5);

const bytes = { patches: "bytes" } as const;

/** The golden network as a model of each kind, and those of other authors, by file name; patches of 8 bits go into `bytes…`. */
export const sampleModels = {
  "floats.onnx": networkToOnnx(goldenState()),
  "bytes.onnx": networkToOnnx(goldenState(), bytes),
  "floats_hardnet.onnx": networkToOnnx(goldenStateOf("HardNet")),
  "bytes_sosnet.onnx": networkToOnnx(goldenStateOf("SOSNet"), bytes),
  "floats_tfeat.onnx": networkToOnnx(goldenStateOf("TFeat")),
  "bytes_tfeat_of_set.onnx": networkToOnnx(
    goldenStateOf("TFeat without InstanceNorm"),
    bytes,
  ),
};

if (import.meta.main) {
  const [folder] = Deno.args;
  Deno.writeFileSync(join(folder, "patches.u8"), samplePatches);
  for (const [name, model] of Object.entries(sampleModels)) {
    Deno.writeFileSync(join(folder, name), model);
  }
}
