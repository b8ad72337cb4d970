import { PipelineError } from "../errors.ts";
import type { Command } from "./command.ts";

/** `convert`: lists the weights in a checkpoint, or writes them as safetensors. */
export const convert: Command = {
  name: "convert",
  summary: "list a checkpoint, or turn PyTorch's .pt into .safetensors",
  positionals: ["checkpoint", "out.safetensors?"],
  flags: [],
  example: "stage1.pt stage1.safetensors",
  async run({ positionals, print }) {
    const [source, target] = positionals;
    if (target !== undefined) checkTarget(target);
    const { readCheckpoint, writeSafetensors } = await import(
      "../../data/mod.ts"
    );
    const { tensors, metadata } = await readCheckpoint(source);
    if (target !== undefined) {
      await writeSafetensors(target, tensors, metadata);
      print(`wrote ${target}: ${tensors.size} tensors`);
      return 0;
    }
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

function checkTarget(path: string): void {
  if (path.endsWith(".safetensors")) return;
  throw new PipelineError({
    attempt: "convert",
    where: path,
    found: "another kind of file",
    wanted: "a name that ends with .safetensors",
  });
}
