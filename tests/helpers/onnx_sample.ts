import { join } from "@std/path";
import { networkToOnnx } from "../../pipeline/descriptors/onnx_network.ts";
import { goldenState } from "./gpu/network_golden.ts";
import { noisePatches } from "./gpu/packed_bytes.ts";

/** Grey patches [3, 32, 32] of 8 bits. */
export const samplePatches = noisePatches(3, 32, 5);

/** The golden network as a model of each kind, by its file name. */
export const sampleModels = {
  "floats.onnx": networkToOnnx(goldenState()),
  "bytes.onnx": networkToOnnx(goldenState(), { patches: "bytes" }),
};

if (import.meta.main) {
  const [folder] = Deno.args;
  Deno.writeFileSync(join(folder, "patches.u8"), samplePatches);
  for (const [name, model] of Object.entries(sampleModels)) {
    Deno.writeFileSync(join(folder, name), model);
  }
}
