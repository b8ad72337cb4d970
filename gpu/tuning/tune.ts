import type { Gpu } from "../device.ts";
import type { DeviceClass } from "../device_class.ts";
import { KernelTimes } from "./kernel_times.ts";
import { KernelWork } from "./kernel_work.ts";
import { Recorder } from "../recorder.ts";
import { tileCandidates } from "./tile_candidates.ts";
import {
  type Tile,
  type TileChoice,
  tileOf,
  tilesOfClass,
  tileText,
} from "../tiles.ts";
import { type TunedKernel, tunedKernels } from "./tuned_kernels.ts";

/** Samples of the batch that kernels are timed with: enough to keep such a device busy. */
const samplesOfClass: Readonly<Record<DeviceClass, number>> = {
  software: 16,
  integrated: 64,
  discrete: 256,
};

/** Times a tile is measured; the shortest counts, because whatever else a machine does makes times longer. */
const rounds = 5;

/** By how much of its time a tile must beat the standard one, so that noise changes nothing. */
const leastGain = 0.05;

/** A tile with its shortest time. */
export interface MeasuredTile {
  tile: Tile;
  timeMs: number;
}

/** What was found for one kernel. */
export interface KernelTuning {
  name: string;
  /** That of the device class, in the comparison that decided. */
  standard: MeasuredTile;
  chosen: MeasuredTile;
  /** Tiles that were tried, the standard one among them. */
  tried: number;
  /** Tiles that gave other bits on this adapter, and so are none. */
  refused: Tile[];
}

/** What was found on an adapter. */
export interface Tuning {
  kernels: KernelTuning[];
  /** The chosen tile of each of them, be it the standard one. */
  choice: TileChoice;
  /** Kernels that were left as they are because time was up. */
  untried: number;
  timeMs: number;
  /** Whether times are by the adapter's own clock. */
  timestamps: boolean;
}

/** How {@linkcode tuneTiles} goes about it. */
export interface TuningOptions {
  /** Which kernels; by default all. */
  kernels?: readonly TunedKernel[];
  /** After so long no further kernel is begun; by default all are. */
  budgetMs?: number;
  /** Told before each kernel how many are done. */
  onKernel?: (done: number, of: number, name: string) => void;
  signal?: AbortSignal;
}

/**
 * Measures which tiles are fastest on an adapter, for every kernel and shape of training.
 *
 * First all sizes in turn, with the standard workgroup; then the fastest of them with every workgroup against the standard
 * tile, measured anew: what was lucky once has to be fast again. The standard tile stays unless another takes 5 % less.
 * Every tile's result is compared with the standard one's, and one that differs in a bit is out: an adapter whose compiler
 * rounds differently keeps the same results.
 *
 * @param gpu a device for this alone, opened with `timestamps: true`; its tiles are changed
 * @throws {GpuError} when the device fails
 * @throws the signal's reason when aborted
 */
export async function tuneTiles(
  gpu: Gpu,
  { kernels = tunedKernels, budgetMs = Infinity, onKernel, signal }:
    TuningOptions = {},
): Promise<Tuning> {
  const startMs = performance.now();
  using trial = new Trial(gpu, signal);
  const found: KernelTuning[] = [];
  for (const kernel of kernels) {
    if (performance.now() - startMs > budgetMs) break;
    onKernel?.(found.length, kernels.length, kernel.name);
    found.push(await trial.tune(kernel));
  }
  const choice = found.map(({ name, chosen }) => [name, chosen.tile] as const);
  return {
    kernels: found,
    choice: new Map(choice),
    untried: kernels.length - found.length,
    timeMs: performance.now() - startMs,
    timestamps: trial.hasTimestamps,
  };
}

/** The fastest of several tiles; the first, which is the standard, unless another takes 5 % less. */
export function fastest(measured: readonly MeasuredTile[]): MeasuredTile {
  const [standard] = measured;
  const best = measured.reduce((a, b) => b.timeMs < a.timeMs ? b : a);
  return best.timeMs < standard.timeMs * (1 - leastGain) ? best : standard;
}

/** Tries tiles on one device. */
class Trial implements Disposable {
  readonly #gpu: Gpu;
  readonly #times: KernelTimes;
  readonly #recorder: Recorder;
  readonly #signal: AbortSignal | undefined;

  constructor(gpu: Gpu, signal: AbortSignal | undefined) {
    this.#gpu = gpu;
    this.#signal = signal;
    this.#times = new KernelTimes(gpu);
    this.#recorder = new Recorder(gpu);
  }

  get hasTimestamps(): boolean {
    return this.#times.hasTimestamps;
  }

  async tune(tuned: TunedKernel): Promise<KernelTuning> {
    const { deviceClass } = this.#gpu.adapter;
    const { kernel, shape, name } = tuned;
    const standard = tileOf(tilesOfClass[deviceClass], kernel, shape);
    const { sizes, groups } = tileCandidates(deviceClass, kernel, shape);
    using work = new KernelWork(
      this.#gpu,
      tuned,
      samplesOfClass[deviceClass],
    );
    const bits = await this.#resultOf(work, tuned, standard);
    const refused: Tile[] = [];
    const timed = async (tiles: Tile[]) => {
      const sound = [standard];
      for (const tile of tiles) {
        const result = await this.#resultOf(work, tuned, tile);
        const isSame = result.every((word, at) => word === bits[at]);
        (isSame ? sound : refused).push(tile);
      }
      return await this.#measure(work, tuned, sound);
    };
    const { group } = standard;
    const ofSizes = await timed(
      sizes.slice(1).map((size) => ({ size, group })),
    );
    const { size } = fastest(ofSizes).tile;
    const others = groups.filter((count) => this.#allows(count))
      .map((count) => ({ size, group: count }))
      .filter((tile) => tile.size !== standard.size || tile.group !== group);
    const decided = others.length === 0 ? ofSizes : await timed(others);
    return {
      name,
      standard: decided[0],
      chosen: fastest(decided),
      tried: new Set([...ofSizes, ...decided].map(({ tile }) => tileText(tile)))
        .size,
      refused,
    };
  }

  /** What the kernel writes with a tile, as words. */
  async #resultOf(
    work: KernelWork,
    { name }: TunedKernel,
    tile: Tile,
  ): Promise<Uint32Array> {
    this.#signal?.throwIfAborted();
    this.#use(name, tile);
    this.#recorder.clear(work.output);
    work.record(this.#recorder);
    this.#recorder.submit();
    const { buffer } = await work.output.readFloats();
    return new Uint32Array(buffer);
  }

  /** The shortest time of each tile, all of them in turn; each must have run before. */
  async #measure(
    work: KernelWork,
    { kernel, name }: TunedKernel,
    tiles: readonly Tile[],
  ): Promise<MeasuredTile[]> {
    const shortest = tiles.map(() => Infinity);
    for (let round = 0; round < rounds; round++) {
      for (const [index, tile] of tiles.entries()) {
        this.#signal?.throwIfAborted();
        this.#use(name, tile);
        this.#times.start(kernel);
        work.record(this.#recorder);
        this.#recorder.submit();
        const dispatches = await this.#times.stop();
        const timeMs = dispatches.reduce((sum, { timeMs }) => sum + timeMs, 0);
        // A clock that stands still or runs backwards says nothing.
        if (timeMs > 0) shortest[index] = Math.min(shortest[index], timeMs);
      }
    }
    return tiles.map((tile, index) => ({ tile, timeMs: shortest[index] }));
  }

  #use(name: string, tile: Tile): void {
    const standard = tilesOfClass[this.#gpu.adapter.deviceClass];
    this.#gpu.tiles = { ...standard, chosen: new Map([[name, tile]]) };
  }

  #allows(group: number): boolean {
    const { limits } = this.#gpu.device;
    return group <= limits.maxComputeInvocationsPerWorkgroup &&
      group <= limits.maxComputeWorkgroupSizeX;
  }

  [Symbol.dispose](): void {
    this.#gpu.tiles = tilesOfClass[this.#gpu.adapter.deviceClass];
    this.#recorder[Symbol.dispose]();
    this.#times[Symbol.dispose]();
  }
}
