import type { Checkpoint } from "../../data/mod.ts";
import { PipelineError } from "../errors.ts";
import type { Command } from "./command.ts";

/** `convert`: lists the weights in a checkpoint, or writes them as safetensors or as an ONNX model. */
export const convert: Command = {
  name: "convert",
  summary:
    "list a checkpoint, or turn PyTorch's .pt into .safetensors or .onnx",
  positionals: ["checkpoint", "out.safetensors|out.onnx?"],
  flags: [{
    name: "bytes",
    summary: "ONNX that takes patches of 8 bits, 0 … 255, not values 0 … 1",
  }],
  example: "stage1.pt stage1.safetensors",
  async run({ positionals, print, has }) {
    const [source, target] = positionals;
    const patches = has("bytes") ? "bytes" : "floats";
    const write = target === undefined ? undefined : writerOf(target, patches);
    if (has("bytes") && !target?.endsWith(".onnx")) {
      throw new PipelineError({
        attempt: "convert",
        found: `--bytes ${target === undefined ? "alone" : `for ${target}`}`,
        wanted: "it with a name that ends with .onnx",
      });
    }
    const { readCheckpoint } = await import("../../data/mod.ts");
    const checkpoint = await readCheckpoint(source);
    if (write !== undefined) {
      print(`wrote ${target}: ${await write(checkpoint, source, target)}`);
      return 0;
    }
    const { tensors, metadata } = checkpoint;
    for (const name of [...tensors.keys()].sort()) {
      const { dtype, shape } = tensors.get(name)!;
      print(`${name}  ${dtype} [${shape.join(", ")}]`);
    }
    for (const [key, value] of Object.entries(metadata)) {
      print(`${key} = ${value}`);
    }
    return 0;
  },
};

/** Writes a checkpoint that was read from `source`; says what it wrote. */
type Writer = (
  checkpoint: Checkpoint,
  source: string,
  target: string,
) => Promise<string>;

/** What writes files of the target's ending. */
function writerOf(target: string, patches: "floats" | "bytes"): Writer {
  if (target.endsWith(".safetensors")) return writeAsSafetensors;
  if (target.endsWith(".onnx")) return onnxWriter(patches);
  throw new PipelineError({
    attempt: "convert",
    where: target,
    found: "another kind of file",
    wanted: "a name that ends with .safetensors or .onnx",
  });
}

const writeAsSafetensors: Writer = async (
  { tensors, metadata },
  _source,
  target,
) => {
  const { writeSafetensors } = await import("../../data/mod.ts");
  await writeSafetensors(target, tensors, metadata);
  return `${tensors.size} tensors`;
};

const onnxWriter = (patches: "floats" | "bytes"): Writer =>
async (
  checkpoint,
  source,
  target,
) => {
  const { writeWholeFile } = await import("../../data/mod.ts");
  const { namingFiles } = await import("../descriptors/network_file.ts");
  const { conversionOf, networkOf } = await import(
    "../descriptors/network_tensors.ts"
  );
  const { networkToOnnx } = await import("../descriptors/onnx_network.ts");
  const network = networkOf(checkpoint, source);
  const bytes = namingFiles(
    [source],
    () => networkToOnnx(network, { metadata: checkpoint.metadata, patches }),
  );
  await writeWholeFile(target, bytes, "write the ONNX model");
  const conversion = conversionOf(checkpoint);
  const of = patches === "bytes" ? "8-bit patches" : "patches";
  const wrote = `${of} [N, 1, 32, 32] to descriptors [N, 128]`;
  return conversion === "" ? wrote : `${wrote}, ${conversion}`;
};
