import type { Gpu } from "../../../gpu/mod.ts";
import {
  type Describer,
  openDescriber,
} from "../../../pipeline/descriptors/describers.ts";

/** Opens what an argument names: NAME=MODEL a network, "rootsift" RootSIFT. */
export async function openNamed(
  named: string,
  gpu: Gpu,
): Promise<{ name: string; describer: Describer }> {
  const [name, modelPath = ""] = named.split("=");
  const kind = modelPath === "" ? "rootsift" : "trained";
  const describer = await openDescriber(kind, {
    network: "SDGMNet128",
    seed: 0,
    batchSize: 256,
    gpu: () => Promise.resolve(gpu),
    modelPath,
  });
  return { name, describer };
}

/** Opens RootSIFT, to which the others are compared, and what the arguments name; `owned` closes them. */
export async function openCompared(
  models: readonly string[],
  gpu: Gpu,
  owned: DisposableStack,
): Promise<[name: string, describer: Describer][]> {
  const opened: [name: string, describer: Describer][] = [];
  for (const named of ["rootsift", ...models]) {
    const { name, describer } = await openNamed(named, gpu);
    opened.push([name, owned.use(describer)]);
  }
  return opened;
}
