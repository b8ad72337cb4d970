/**
 * Opening the GPU with the tiles that are fastest on it.
 *
 * No tile changes a bit of a result, so neither does what this decides: it is recorded with a result and part of no key.
 *
 * @module
 */
import {
  type Gpu,
  GpuError,
  openGpu,
  type TileChoice,
  tunedKernels,
  tuneTiles,
  type Tuning,
  type TuningOptions,
  unusualTiles,
} from "../../gpu/mod.ts";
import type { Log } from "../log.ts";
import type { Json } from "../files/json.ts";
import {
  readTiles,
  type TileFacts,
  tileFacts,
  writeTiles,
} from "./tile_file.ts";

/** Longest that a run waits for the measurement before its first step; what is not measured by then stays as it is. */
const mostTuningMs = 20_000;

/** How {@linkcode openTunedGpu} opens. */
export interface TunedGpuOptions {
  /** budget for all tensors in MiB; 0 sets none */
  memoryMib: number;
  /** folder of measured tiles */
  tilesDirectory: string;
  log: Log;
  signal: AbortSignal;
}

/**
 * Opens the adapter with the tiles measured on it.
 *
 * What is not kept is measured first and kept: once on an adapter, for seconds. On the software adapter that is
 * left to `tune`, because compiling the candidates takes half a minute there; its standard tiles were measured for it. What goes
 * wrong while measuring is told and costs speed alone.
 *
 * @throws {GpuError} when there is no adapter
 * @throws the signal's reason when aborted
 */
export async function openTunedGpu(
  { memoryMib, tilesDirectory, log, signal }: TunedGpuOptions,
): Promise<Gpu> {
  using owned = new DisposableStack();
  const gpu = owned.use(await openGpu({ memoryMib }));
  useMeasuredTiles(gpu, tilesDirectory);
  const { adapter, tiles: { chosen } } = gpu;
  const kernels = tunedKernels.filter(({ name }) => !chosen?.has(name));
  if (adapter.deviceClass !== "software" && kernels.length > 0) {
    const options = { kernels, budgetMs: mostTuningMs, signal };
    try {
      const { tuning, choice, path } = await measureTiles(
        tilesDirectory,
        options,
      );
      gpu.tiles = { ...gpu.tiles, chosen: choice };
      log.info(
        `measured tiles for ${tuning.kernels.length} of ${kernels.length} kernels on ${adapter.description} in ${
          (tuning.timeMs / 1000).toFixed(1)
        } s, once; kept in ${path}`,
      );
    } catch (error) {
      if (signal.aborted || !isExpected(error)) throw error;
      log.warn(`cannot measure tiles and keep them: ${error.message}`);
    }
  }
  owned.move();
  return gpu;
}

/** Whether it comes from the GPU or from the file system, and costs speed alone. */
function isExpected(error: unknown): error is Error {
  return error instanceof GpuError ||
    error instanceof Deno.errors.NotCapable ||
    error instanceof Error && "code" in error;
}

/** Has a device use the tiles that are kept for its adapter, if there are any. */
export function useMeasuredTiles(gpu: Gpu, tilesDirectory: string): void {
  const chosen = readTiles(tilesDirectory, tileFacts(gpu.adapter));
  if (chosen !== undefined) gpu.tiles = { ...gpu.tiles, chosen };
}

/**
 * Measures tiles on a device of its own, so that nothing of it is left, and keeps them. What is kept of kernels that are
 * not measured stays.
 *
 * @returns what was measured and on what, everything that is kept now, and the file
 * @throws {GpuError} when there is no adapter or the device fails
 * @throws what the file system says
 */
export async function measureTiles(
  tilesDirectory: string,
  options: TuningOptions,
): Promise<
  { tuning: Tuning; facts: TileFacts; choice: TileChoice; path: string }
> {
  using gpu = await openGpu({ timestamps: true });
  const tuning = await tuneTiles(gpu, options);
  const facts = tileFacts(gpu.adapter);
  const choice = new Map(readTiles(tilesDirectory, facts));
  for (const [name, tile] of tuning.choice) choice.set(name, tile);
  const path = await writeTiles(tilesDirectory, facts, choice);
  return { tuning, facts, choice, path };
}

/** What is recorded of the GPU with a result: the adapter, and the tiles that are not those of its class, if any. */
export function gpuFacts(gpu: Gpu): Record<string, Json> {
  const tiles = unusualTiles(gpu);
  const hasAny = Object.keys(tiles).length > 0;
  return { ...gpu.adapter, ...(hasAny ? { tiles } : {}) };
}
