import { join } from "@std/path";
import { PipelineError } from "../errors.ts";
import { withFileErrors } from "../file_errors.ts";
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
      summary: "weights of the network: safetensors, or PyTorch's .pt",
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
      summary: "patches that go through the network at once, default 512",
    },
    quietFlag,
  ],
  example: "--checkpoint runs/demo/stage2/model.safetensors " +
    "--input runs/demo/download/hpatches --out descriptors",
  async run(call) {
    const batchSize = batchSizeOf(call.value("batch-size") || "512");
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
    const progress = call.log.progress(
      "describe",
      sequences.length,
      "sequences",
    );
    let done = 0;
    progress.update(done);
    for (const sequence of sequences) {
      call.signal.throwIfAborted();
      // All strips at once: a strip alone seldom fills a batch.
      const strips = await Promise.all(
        data.patchTypes.map((type) =>
          data.readSequencePatches(input, sequence, type)
        ),
      );
      const patches = concatenate(strips.map((strip) => strip.patches));
      const values = await describer.describe(patches, 65);
      await withFileErrors("write descriptors", out, async () => {
        await Deno.mkdir(join(out, sequence), { recursive: true });
        let start = 0;
        for (const [index, type] of data.patchTypes.entries()) {
          const end = start + strips[index].count * describer.dimension;
          await data.writeDescriptorCsv(
            join(out, sequence, `${type}.csv`),
            values.subarray(start, end),
            describer.dimension,
          );
          start = end;
        }
      });
      progress.update(++done);
    }
    progress.finish();
    call.print(`wrote descriptors of ${sequences.length} sequences to ${out}`);
    return 0;
  },
};

function concatenate(parts: Uint8Array[]): Uint8Array {
  const sizeBytes = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function batchSizeOf(text: string): number {
  const batchSize = Number(text);
  if (Number.isSafeInteger(batchSize) && batchSize >= 1) return batchSize;
  throw new PipelineError({
    attempt: "run extract",
    found: `--batch-size ${text}`,
    wanted: "a whole number of 1 or more",
  });
}
