import { PipelineError } from "../errors.ts";
import type { Command } from "./command.ts";

/** `convert`: checks a weights file and writes it in canonical form. */
export const convert: Command = {
  name: "convert",
  summary: "list a safetensors file, or rewrite it in canonical form",
  positionals: ["in.safetensors", "out.safetensors?"],
  flags: [],
  example: "runs/demo/stage2/model.safetensors",
  async run({ positionals, print }) {
    for (const path of positionals) checkFormat(path);
    const [source, target] = positionals;
    const { readSafetensors, writeSafetensors } = await import(
      "../../data/mod.ts"
    );
    const { tensors, metadata } = await readSafetensors(source);
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

function checkFormat(path: string): void {
  if (path.endsWith(".safetensors")) return;
  throw new PipelineError({
    attempt: "convert",
    where: path,
    found: "another kind of file",
    wanted: "a name that ends with .safetensors",
  });
}
