import type { TunedKernel } from "../../gpu/mod.ts";
import { PipelineError } from "../errors.ts";
import type { Progress } from "../log.ts";
import { closest } from "../suggest.ts";
import { type Command, quietFlag } from "./command.ts";
import { cacheFlag, placesOf } from "./results/place_flags.ts";
import { jsonFlag } from "./status.ts";

/** `tune`: measures which tiles are fastest on any adapter, the software one too, and keeps them for later runs. */
export const tune: Command = {
  name: "tune",
  summary: "measure which cut of the kernels is fastest on this adapter",
  positionals: [],
  flags: [
    {
      name: "kernel",
      value: "NAME",
      many: true,
      summary:
        "measure this kernel, by default all that training uses here; what is kept of others stays",
    },
    jsonFlag,
    cacheFlag,
    quietFlag,
  ],
  example: "",
  usesGpu: () => true,
  async run(call) {
    const { has, values, print, log, signal } = call;
    const { tunedKernels } = await import("../../gpu/mod.ts");
    const { withFileErrors } = await import("../files/file_errors.ts");
    const { Store } = await import("../store/store.ts");
    const { measureTiles } = await import("../adapter/prepare_adapter.ts");
    const { tuningJson, tuningLines } = await import(
      "../adapter/tuning_text.ts"
    );
    const kernels = choose(tunedKernels, values("kernel"));
    const store = new Store(placesOf(call).storeDirectory);
    let progress: Progress | undefined;
    const onKernel = (done: number, all: number) => {
      progress ??= log.progress("tune", all, "kernels");
      progress.update(done);
    };
    const { tuning, facts, path } = await withFileErrors(
      "keep tiles",
      store.tilesDirectory,
      async () => {
        await store.create({ log, signal });
        const options = {
          ...(kernels.length > 0 ? { kernels } : {}),
          onKernel,
          signal,
        };
        return await measureTiles(store.tilesDirectory, options);
      },
    );
    progress?.update(tuning.kernels.length);
    progress?.finish();
    if (has("json")) {
      print(JSON.stringify({ path, ...facts, ...tuningJson(tuning) }, null, 2));
    } else {
      const { description, deviceClass } = facts.adapter;
      print(`${description} (${deviceClass})`);
      for (const line of tuningLines(tuning)) print(line);
      print(`kept in ${path}`);
    }
    return 0;
  },
};

/** The kernels of these names. */
function choose(
  all: readonly TunedKernel[],
  names: readonly string[],
): readonly TunedKernel[] {
  const known = [...new Set(all.map(({ kernel }) => kernel as string))];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const guess = closest(unknown, known);
    throw new PipelineError({
      attempt: "run tune",
      found: `--kernel ${unknown}`,
      wanted: `one of ${known.join(", ")}`,
      ...(guess === undefined ? {} : { remedy: `did you mean ${guess}?` }),
    });
  }
  return all.filter(({ kernel }) => names.includes(kernel));
}
