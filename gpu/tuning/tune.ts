import type { Gpu } from "../device.ts";
import type { DeviceClass } from "../device_class.ts";
import { GpuError } from "../errors.ts";
import { KernelTimes } from "./kernel_times.ts";
import { KernelWork } from "./kernel_work.ts";
import { Recorder } from "../recorder.ts";
import { tileCandidates } from "./tile_candidates.ts";
import {
  type Tile,
  type TileChoice,
  tilesOfClass,
  tileText,
} from "../tiles.ts";
import {
  type TunedKernel,
  tunedKernels,
  tunedKernelsOf,
} from "./tuned_kernels.ts";

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
  /** That of the device class, or the first sound one where that is not, in the comparison that decided. */
  standard: MeasuredTile;
  chosen: MeasuredTile;
  /** Tiles that were tried, the standard one among them. */
  tried: number;
  /** Tiles that gave wrong results or other bits on this adapter, and so are none. */
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
  /** Which kernels, of which those count that training uses on the device; by default all of these. */
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
 * First all sizes in turn, with the standard workgroup, and the workgroups that share what they read; then the fastest of them
 * with every workgroup against the standard tile, measured anew: what was lucky once has to be fast again. The standard tile stays unless another takes 5 % less.
 * Every tile's result is compared with the standard one's, and one that differs in a bit is out: an adapter whose compiler
 * rounds differently keeps the same results. The first result is compared with sums in 64 bits, as the kernels' tests compare
 * it, and a wrong one is out, be it the standard's.
 *
 * @param gpu a device for this alone, opened with `timestamps: true`; its tiles are changed
 * @throws {GpuError} when the device fails, a kernel is wrong whatever its tile, or training uses none of the kernels there
 * @throws the signal's reason when aborted
 */
export async function tuneTiles(
  gpu: Gpu,
  {
    kernels: wanted = tunedKernels,
    budgetMs = Infinity,
    onKernel,
    signal,
  }: TuningOptions = {},
): Promise<Tuning> {
  const startMs = performance.now();
  const kernels = kernelsOf(gpu, wanted);
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

/** Those of some kernels that training uses on a device. */
function kernelsOf(
  { adapter, tiles }: Gpu,
  wanted: readonly TunedKernel[],
): readonly TunedKernel[] {
  const names = new Set(wanted.map(({ name }) => name));
  const all = tunedKernelsOf(tiles);
  const kernels = all.filter(({ name }) => names.has(name));
  if (kernels.length === 0) {
    throw new GpuError({
      attempt: "measure tiles",
      where: adapter.description,
      found: `${[...new Set(wanted.map(({ kernel }) => kernel))].join(", ")}`,
      wanted: `a kernel that training uses there: ${
        [...new Set(all.map(({ kernel }) => kernel))].join(", ")
      }`,
    });
  }
  return kernels;
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
  /** Of the kernels before: two kernels in place of one have theirs. */
  readonly #chosen = new Map<string, Tile>();

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
    const { tiles, groups } = tileCandidates(
      deviceClass,
      kernel,
      shape,
      this.#gpu.device.limits.maxComputeWorkgroupStorageSize,
    );
    const [standard] = tiles;
    using work = new KernelWork(
      this.#gpu,
      tuned,
      samplesOfClass[deviceClass],
    );
    const refused: Tile[] = [];
    let bits: Uint32Array | undefined;
    const isSound = async (tile: Tile) => {
      const result = await this.#resultOf(work, tuned, tile);
      const words = new Uint32Array(result.buffer);
      const expected = bits;
      if (expected !== undefined) {
        return words.every((word, at) => word === expected[at]);
      }
      if (!work.isRight(result)) return false;
      bits = words;
      return true;
    };
    const hasStandard = await isSound(standard);
    if (!hasStandard) refused.push(standard);
    const timed = async (tiles: Tile[]) => {
      const sound = hasStandard ? [standard] : [];
      for (const tile of tiles) {
        (await isSound(tile) ? sound : refused).push(tile);
      }
      if (sound.length === 0) {
        throw new GpuError({
          attempt: "measure tiles",
          where: name,
          found: "wrong results from every tile",
          wanted: "sums as exact as 32 bits allow",
          remedy: "update the GPU's driver",
        });
      }
      return await this.#measure(work, tuned, sound);
    };
    const first = await timed(
      tiles.slice(1).filter(({ group }) => this.#allows(group)),
    );
    const { tile } = fastest(first);
    const others = tile.shared !== undefined ? [] : groups
      .filter((group) => this.#allows(group) && group !== tile.group)
      .map((group): Tile => ({ size: tile.size, group }));
    // What was lucky once has to be fast again, whether or not it has other groups.
    const decided = tile === standard && others.length === 0
      ? first
      : await timed(tile === standard ? others : [tile, ...others]);
    const chosen = fastest(decided);
    this.#chosen.set(name, chosen.tile);
    return {
      name,
      standard: decided[0],
      chosen,
      tried: new Set([...first, ...decided].map(({ tile }) => tileText(tile)))
        .size,
      refused,
    };
  }

  /** What the kernel writes with a tile. */
  async #resultOf(
    work: KernelWork,
    { name }: TunedKernel,
    tile: Tile,
  ): Promise<Float32Array<ArrayBuffer>> {
    this.#signal?.throwIfAborted();
    this.#use(name, tile);
    return await work.run(this.#recorder);
  }

  /** The shortest time of each tile, all of them in turn; each must have run before. */
  async #measure(
    work: KernelWork,
    { name }: TunedKernel,
    tiles: readonly Tile[],
  ): Promise<MeasuredTile[]> {
    const shortest = tiles.map(() => Infinity);
    for (let round = 0; round < rounds; round++) {
      for (const [index, tile] of tiles.entries()) {
        this.#signal?.throwIfAborted();
        this.#use(name, tile);
        // All that the operation runs: with another tile it may be other kernels.
        this.#times.start();
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
    const chosen = new Map(this.#chosen).set(name, tile);
    this.#gpu.tiles = { ...standard, chosen };
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
