import type { Gpu } from "../device.ts";
import { Recorder, whole } from "../recorder.ts";
import { accumulate } from "../sums/accumulate.ts";
import { Arena } from "../tensor.ts";

/** How long the same work took by two clocks. */
export interface ClockReading {
  /** by this program's clock, waiting included */
  wallMs: number;
  /** by the adapter's own, from the beginning of the work to its end */
  ticks: number;
}

/** By how much the clocks may differ and count in nanoseconds both: the wait for the adapter is in one of them only. */
const tolerance = 1.5;

/** Least time of a reading, so that a wait of up to 10 ms weighs little. */
const leastMs = 100;
/** Readings, of which the least disturbed one counts. */
const readings = 3;
/** Dispatches of the first reading. */
const firstRuns = 8;
/** What one dispatch adds up, one after the other: some milliseconds, on slow adapters some tens. */
const parts = 65536;

/** Nanoseconds in a tick of the adapter's clock: 1, unless the two clocks differ by more than waiting explains. */
export function nanosecondsOfTick(readings: readonly ClockReading[]): number {
  const ratios = readings.filter(({ ticks }) => ticks > 0)
    .map(({ wallMs, ticks }) => wallMs * 1e6 / ticks);
  if (ratios.length === 0) return 1;
  const ratio = Math.min(...ratios);
  return ratio > tolerance || ratio < 1 / tolerance ? ratio : 1;
}

/**
 * Measures the tick of an adapter's clock. WebGPU wants nanoseconds, but not every implementation converts what the adapter counts:
 * 10 ns in a tick is usual, and up to 83.
 *
 * @param read lets `record` record into a recorder made for `gpu`, submits, waits and says how long that took
 */
export async function measureTick(
  gpu: Gpu,
  read: (recorder: Recorder, record: () => void) => Promise<ClockReading>,
): Promise<number> {
  using arena = new Arena(gpu);
  const partial = whole(arena.tensor("clock's parts", [parts, 4]));
  const totals = [whole(arena.tensor("clock's total", [4]))];
  using recorder = new Recorder(gpu);
  const readRuns = (runs: number) =>
    read(recorder, () => {
      for (let run = 0; run < runs; run++) {
        accumulate(recorder, [{ partial, totals, parts }]);
      }
    });
  await readRuns(1); // compiles
  let runs = firstRuns;
  let reading = await readRuns(runs);
  while (reading.wallMs < leastMs) {
    runs *= 2;
    reading = await readRuns(runs);
  }
  const all = [reading];
  while (all.length < readings) all.push(await readRuns(runs));
  return nanosecondsOfTick(all);
}
