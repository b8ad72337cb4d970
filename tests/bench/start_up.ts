import { fileURLToPath } from "node:url";

/** What one pipeline costs before it runs at its own speed. */
export interface PipelineCost {
  label: string;
  /** checking and translating its text */
  createMs: number;
  /** by how much its first run was longer than the next, where the adapter can time it: what the driver compiles then */
  firstRunMs: number;
}

/** A process from nothing to the end of its first training step. */
export interface FirstStep {
  /** opening the adapter */
  openMs: number;
  /** allocating, compiling and the first step */
  firstStepMs: number;
  /** bytes of all shaders as they are handed over */
  wgslBytes: number;
  pipelines: PipelineCost[];
}

/** The same with an empty cache of compiled shaders, and with the one that this left. */
export interface StartUp {
  cold: FirstStep;
  warm: FirstStep;
  /** once more with an empty cache, pipelines one after the other: what each of them takes */
  each: FirstStep;
}

/** Starts processes one after the other; the first two share a fresh folder for what the driver compiles. */
export async function measureStartUp(classes: number): Promise<StartUp> {
  const folders = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  try {
    const [shared, own] = folders;
    const cold = await firstStep(classes, shared);
    const warm = await firstStep(classes, shared);
    return { cold, warm, each: await firstStep(classes, own, "each") };
  } finally {
    for (const folder of folders) {
      await Deno.remove(folder, { recursive: true });
    }
  }
}

async function firstStep(
  classes: number,
  folder: string,
  ...flags: string[]
): Promise<FirstStep> {
  const script = fileURLToPath(new URL("first_step.ts", import.meta.url));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", script, String(classes), ...flags],
    // Mesa's name for it, and NVIDIA's.
    env: { MESA_SHADER_CACHE_DIR: folder, __GL_SHADER_DISK_CACHE_PATH: folder },
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The figures in words, with the pipelines that cost most. */
export function startUpText({ cold, warm, each }: StartUp): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  const costs = new Map<string, { pipelines: number; ms: number }>();
  for (const { label, createMs, firstRunMs } of each.pipelines) {
    const cost = costs.get(label) ?? { pipelines: 0, ms: 0 };
    cost.pipelines++;
    cost.ms += createMs + firstRunMs;
    costs.set(label, cost);
  }
  const dearest = [...costs].sort(([, a], [, b]) => b.ms - a.ms).slice(0, 6)
    .map(([label, { pipelines, ms }]) =>
      `${pipelines} × ${label} ${seconds(ms)} s`
    );
  const createdMs = each.pipelines.reduce(
    (sum, { createMs }) => sum + createMs,
    0,
  );
  return `  compile, first step ${
    seconds(cold.firstStepMs)
  } s with an empty shader cache, ${
    seconds(warm.firstStepMs)
  } s with a filled one; opening the adapter ${seconds(warm.openMs)} s
  pipelines           ${cold.pipelines.length} of ${
    (cold.wgslBytes / 1024).toFixed(0)
  } KiB of WGSL, checked and translated in ${
    seconds(createdMs)
  } s whatever the cache holds
  dearest when cold   ${dearest.join(", ")}, ${
    seconds(each.firstStepMs)
  } s for a first step that compiles one after the other`;
}
