import { PipelineError } from "../errors.ts";
import { withFileErrors } from "../files/file_errors.ts";
import { wholeNumberFrom } from "./arguments/numbers.ts";
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
    {
      name: "activations",
      value: "TYPE",
      summary:
        "what the network's activations are stored in, f32 or f16, default f32; f16 changes last digits (docs/half_precision.md)",
    },
    quietFlag,
  ],
  example: "--checkpoint runs/demo/stage2/model.safetensors " +
    "--input runs/demo/download/hpatches --out descriptors",
  usesGpu: () => true,
  async run(call) {
    const batchSize = batchSizeOf(call.value("batch-size") || "512");
    const activations = activationsOf(call.value("activations") || "f32");
    const { listPassedOver, listSequences, someOf } = await import(
      "../../data/mod.ts"
    );
    const { openGpu } = await import("../../gpu/mod.ts");
    const { prepareGpu } = await import("../adapter/prepare_adapter.ts");
    const { describeSequences } = await import(
      "../descriptors/describe_sequences.ts"
    );
    const { openDescriber } = await import("../descriptors/describers.ts");
    const { Store } = await import("../store/store.ts");
    const { tilesDirectory } = new Store();
    const [input, out] = [call.value("input"), call.value("out")];
    const sequences = await listSequences(input);
    const passedOver = await listPassedOver(input);
    if (passedOver.length > 0) {
      call.log.info(`${input}: passed over ${someOf(passedOver)}`);
    }
    using owned = new DisposableStack();
    using describer = await openDescriber("trained", {
      modelPath: call.value("checkpoint"),
      network: "SDGMNet128",
      seed: 0,
      batchSize,
      activations,
      gpu: async () => {
        const gpu = owned.use(await openGpu());
        const { log, signal } = call;
        await prepareGpu(gpu, { tilesDirectory, log, signal });
        return gpu;
      },
      onNote: (line) => call.log.info(line),
    });
    await withFileErrors(
      "write descriptors",
      out,
      () =>
        describeSequences(describer, {
          source: input,
          sequences,
          target: out,
          label: "describe",
          log: call.log,
          signal: call.signal,
        }),
    );
    call.print(`wrote descriptors of ${sequences.length} sequences to ${out}`);
    return 0;
  },
};

function batchSizeOf(text: string): number {
  const batchSize = wholeNumberFrom(text);
  if (batchSize >= 1) return batchSize;
  throw new PipelineError({
    attempt: "run extract",
    found: `--batch-size ${text}`,
    wanted: "a whole number of 1 or more",
  });
}

function activationsOf(text: string): "f32" | "f16" {
  if (text === "f32" || text === "f16") return text;
  throw new PipelineError({
    attempt: "run extract",
    found: `--activations ${text}`,
    wanted: "f32 or f16",
  });
}
