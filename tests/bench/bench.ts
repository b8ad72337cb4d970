/**
 * Times the network and the whole training step on this machine's adapter, against the adapter's own ceilings.
 *
 *     ./run bench [--json] [--patches=144] [--kernels] [--peers]
 *     ./run bench --model=h100|rtx4090|m2|llvmpipe|DEVICE.json [--patches=N] [--f16]   or several, with commas
 *     ./run bench --model=here [--like=DEVICE] [--patches=144]
 *
 * `--model` measures nothing: it records the dispatches of a training step and of describing, cut as that device gets them, and
 * calculates what each would take there, with `--f16` where activations are stored in 16 bits. `here` measures the ceilings of the adapter at hand and every kernel of a step, and puts
 * measurement beside calculation.
 * `--kernels` also times every kernel of the training step and holds it against the ceilings.
 * `--peers` measures the same network at the same batch in other programs too: jax-js and TensorFlow.js on the same
 * adapter, PyTorch on the CPU where it is installed.
 * One line of figures is appended to .cache/bench/history.jsonl.
 */
import { parseArgs } from "@std/cli/parse-args";
import { PipelineError } from "../../pipeline/errors.ts";
import { print, printError } from "../../pipeline/log.ts";
import { measureAdapter } from "./measure_adapter.ts";
import { modelHere, modelText } from "./model/model_bench.ts";

const args = parseArgs(Deno.args, {
  boolean: ["json", "kernels", "peers", "f16"],
  string: ["patches", "model", "like"],
});
const text = (value: typeof args[string]) =>
  value === undefined ? undefined : String(value);
const [model, like] = [text(args.model), text(args.like)];

function wholePatches(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const patches = Number(value);
  if (Number.isInteger(patches) && patches >= 6) return patches;
  throw new PipelineError({
    attempt: "run bench",
    where: "--patches",
    found: value,
    wanted: "a whole number from 6 on",
  });
}

try {
  const patches = wholePatches(text(args.patches));
  if (model === "here") print(await modelHere(patches, like));
  else if (model !== undefined) {
    const activations = args.f16 === true ? "f16" : "f32";
    print(modelText(model.split(","), { patches, activations }));
  } else {
    await measureAdapter({
      patches: patches ?? 144,
      json: args.json === true,
      kernels: args.kernels === true,
      peers: args.peers === true,
    });
  }
} catch (error) {
  if (!(error instanceof PipelineError)) throw error;
  printError(error.message);
  Deno.exit(2);
}
