/**
 * The tiles that are fastest on an adapter.
 *
 * No tile changes a bit of a result, so neither does what this decides: it is handed to the stages, recorded with their results
 * and part of no key.
 *
 * @module
 */
import {
  type Gpu,
  GpuError,
  openGpu,
  type TileChoice,
  tunedKernelsOf,
  tuneTiles,
  type Tuning,
  type TuningOptions,
  unusualTiles,
} from "../../gpu/mod.ts";
import type { Log } from "../log.ts";
import type { Json } from "../files/json.ts";
import { driverFacts } from "./driver_facts.ts";
import {
  readTiles,
  type TileFacts,
  tileFacts,
  writeTiles,
} from "./tile_file.ts";

/** Longest that a run waits for the measurement before its first step; what is not measured by then stays as it is. */
const mostTuningMs = 20_000;

/** How {@linkcode prepareGpu} prepares. */
export interface PrepareOptions {
  /** folder of measured tiles */
  tilesDirectory: string;
  log: Log;
  signal: AbortSignal;
}

/**
 * Gives an open device the tiles measured on its adapter.
 *
 * What is not kept is measured first and kept: once on an adapter, for seconds. On the software adapter that is
 * left to `tune`, because compiling the candidates takes half a minute there; its standard tiles were measured for it. What goes
 * wrong while measuring is told and costs speed alone.
 *
 * @returns what to record of the device with a result: {@linkcode gpuFacts}
 * @throws the signal's reason when aborted
 */
export async function prepareGpu(
  gpu: Gpu,
  { tilesDirectory, log, signal }: PrepareOptions,
): Promise<Record<string, Json>> {
  useMeasuredTiles(gpu, tilesDirectory);
  const { adapter, tiles } = gpu;
  const kernels = tunedKernelsOf(tiles).filter(({ name }) =>
    !tiles.chosen?.has(name)
  );
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
  return gpuFacts(gpu);
}

/** Whether it comes from the GPU or from the file system, and costs speed alone. */
function isExpected(error: unknown): error is Error {
  return error instanceof GpuError ||
    error instanceof Deno.errors.NotCapable ||
    error instanceof Error && "code" in error;
}

/** Gives a device the tiles that are kept for its adapter, if there are any. */
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

/**
 * What is recorded of the GPU with a result: the adapter, the drivers that are installed, and the tiles that are not those of its
 * class, each if there are any.
 */
export function gpuFacts(gpu: Gpu): Record<string, Json> {
  const drivers = driverFacts();
  const tiles = unusualTiles(gpu);
  return {
    ...gpu.adapter,
    ...(drivers.length > 0 ? { drivers } : {}),
    ...(Object.keys(tiles).length > 0 ? { tiles } : {}),
  };
}
