import { join } from "@std/path";
import { PipelineError } from "../errors.ts";
import { type Command, quietFlag } from "./command.ts";

/** `extract`: descriptors of a user's own patch strips with a trained network. */
export const extract: Command = {
  name: "extract",
  summary: "describe HPatches-style patch strips with a checkpoint",
  positionals: [],
  flags: [
    {
      name: "checkpoint",
      value: "FILE",
      required: true,
      summary: "weights of the network, .safetensors",
    },
    {
      name: "input",
      value: "DIR",
      required: true,
      summary: "folder of <sequence>/<type>.png, strips 65 pixels wide",
    },
    {
      name: "out",
      value: "DIR",
      required: true,
      summary: "where <sequence>/<type>.csv go",
    },
    {
      name: "batch-size",
      value: "N",
      summary: "patches that go through the network at once, default 1024",
    },
    quietFlag,
  ],
  example: "--checkpoint runs/demo/stage2/model.safetensors " +
    "--input runs/demo/download/hpatches --out descriptors",
  async run(call) {
    const batchSize = batchSizeOf(call.value("batch-size") || "1024");
    const data = await import("../../data/mod.ts");
    const { openDescriber } = await import("../describers.ts");
    const [input, out] = [call.value("input"), call.value("out")];
    const sequences = await data.listSequences(input);
    using describer = await openDescriber("trained", {
      modelPath: call.value("checkpoint"),
      seed: 0,
      batchSize,
      memoryMib: 0,
      onAdapter: () => {},
    });
    const total = sequences.length * data.patchTypes.length;
    const progress = call.log.progress("describe", total, "strips");
    let done = 0;
    progress.update(done);
    for (const sequence of sequences) {
      await Deno.mkdir(join(out, sequence), { recursive: true });
      for (const type of data.patchTypes) {
        call.signal.throwIfAborted();
        const { patches } = await data.readSequencePatches(
          input,
          sequence,
          type,
        );
        await data.writeDescriptorCsv(
          join(out, sequence, `${type}.csv`),
          await describer.describe(patches, 65),
          describer.dimension,
        );
        progress.update(++done);
      }
    }
    progress.finish();
    call.print(`wrote ${total} files below ${out}`);
    return 0;
  },
};

function batchSizeOf(text: string): number {
  const batchSize = Number(text);
  if (Number.isSafeInteger(batchSize) && batchSize >= 1) return batchSize;
  throw new PipelineError({
    attempt: "run extract",
    found: `--batch-size ${text}`,
    wanted: "a whole number of 1 or more",
  });
}
