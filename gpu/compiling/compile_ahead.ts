import { type Gpu, openGpu } from "../device.ts";
import { GpuError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";
import type { UniformValue } from "../recorder.ts";
import { runOnZeros } from "./run_on_zeros.ts";

/** Kernels to compile, each with the `Params` of one of its dispatches. */
export type WantedKernels = ReadonlyMap<
  Kernel,
  readonly UniformValue[] | undefined
>;

/** How {@linkcode compileAhead} goes about it. */
export interface CompileAheadOptions {
  /** Processor cores, by default all of the machine's. */
  cores?: number;
  /** Longest that one of the longer kernels may take to be loaded and run; a driver that takes longer is compiling. */
  patienceMs?: number;
}

/** Devices that compile at most: each keeps a compiler of its own in memory. */
const mostDevices = 4;

/** Characters that count for the least that a kernel takes to compile. */
const shortestLength = 1000;

/** Mesa's drivers that compute on the processor; another, SwiftShader, keeps what it compiled to each device. */
const sharingDrivers = /llvmpipe/;

/**
 * Compiles kernels, several at once where the runtime or the driver can.
 *
 * Browsers compile beside the page. Mesa's driver for processors compiles a kernel when it first runs, one after the other on
 * each device, and devices find in its cache what another has compiled. So there each kernel runs once, over zeros, on one
 * of several devices; unless one of the longer ones is so quick that the cache must be filled.
 *
 * @returns how many devices ran kernels
 */
export async function compileAhead(
  gpu: Gpu,
  wanted: WantedKernels,
  {
    cores = navigator.hardwareConcurrency,
    patienceMs = 100,
  }: CompileAheadOptions = {},
): Promise<number> {
  const waiting = [...wanted.keys()].filter((kernel) => !kernel.isCompiled)
    .sort((one, other) => other.text.length - one.text.length);
  const isWorthwhile = sharingDrivers.test(gpu.adapter.description) &&
    cores > 1;
  if (!isWorthwhile || waiting.length === 0) {
    await Promise.all(waiting.map((kernel) => kernel.compile()));
    return 0;
  }
  const probe = waiting.splice(Math.floor(waiting.length / 5), 1);
  // Its own part, checking the text, no cache saves.
  void probe[0].pipeline;
  const startMs = performance.now();
  await runOnZeros(gpu.device, probe, wanted)();
  const isLoaded = performance.now() - startMs < patienceMs;
  const helperCount = isLoaded ? 0 : Math.min(cores, mostDevices) - 1;
  using owned = new DisposableStack();
  const helpers: Gpu[] = [];
  for (let place = 0; place < Math.min(helperCount, waiting.length); place++) {
    const helper = await openedOrNone();
    if (helper !== undefined) helpers.push(owned.use(helper));
  }
  const shares = sharedOut(waiting, 1 + helpers.length);
  // All are handed over before the first is waited for, which holds the thread up.
  const running = helpers.map(({ device }, place) =>
    runOnZeros(device, shares[1 + place], wanted)
  );
  if (helpers.length > 0) {
    running.push(runOnZeros(gpu.device, shares[0], wanted));
  }
  for (const kernel of waiting) void kernel.pipeline;
  for (const done of running) await done();
  return 1 + helpers.length;
}

/** Kernels in equal parts, those with the longest text first, which is what the time to compile goes by. */
function sharedOut(kernels: readonly Kernel[], count: number): Kernel[][] {
  const shares = Array.from({ length: count }, () => ({
    kernels: [] as Kernel[],
    length: 0,
  }));
  for (const kernel of kernels) {
    const share = shares.reduce((least, other) =>
      other.length < least.length ? other : least
    );
    share.kernels.push(kernel);
    share.length += kernel.text.length + shortestLength;
  }
  return shares.map(({ kernels }) => kernels);
}

/** One more device; where the adapter gives none, the waiting do its work. */
async function openedOrNone(): Promise<Gpu | undefined> {
  try {
    return await openGpu();
  } catch (error) {
    if (error instanceof GpuError) return undefined;
    throw error;
  }
}
