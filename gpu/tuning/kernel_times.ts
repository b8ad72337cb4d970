import type { Gpu } from "../device.ts";
import { type Dispatch, observeDispatches, Recorder } from "../recorder.ts";
import { Staging } from "../staging.ts";
import { type ClockReading, measureTick } from "./tick_length.ts";

/** Dispatches of one query set: WebGPU allows 4,096 queries, of which a dispatch takes two. */
const dispatchesOfSet = 2048;
/** Runs in one submit where the adapter cannot time passes. */
const repetitions = 8;

/** Nanoseconds in a tick of each device's clock that was asked for its times. */
const ticks = new WeakMap<Gpu, number>();

/** When a dispatch began and ended by the adapter's own clock, in its ticks. */
interface Span {
  begin: bigint;
  end: bigint;
}

/**
 * Times every dispatch between {@linkcode KernelTimes.start} and {@linkcode KernelTimes.stop}: by the adapter's own clock where it
 * has one, else each distinct dispatch again on its own, several times in a submit.
 *
 * It must be made before whatever records, one at a time on a device.
 */
export class KernelTimes implements Disposable {
  /** Whether the times come from the adapter's own clock. */
  readonly hasTimestamps: boolean;
  readonly #gpu: Gpu;
  readonly #nowMs: () => number;
  readonly #querySets: GPUQuerySet[] = [];
  #dispatches: Dispatch[] = [];
  #active = false;

  /** @param nowMs a monotonic clock, to which the adapter's own is compared */
  constructor(gpu: Gpu, nowMs: () => number = () => performance.now()) {
    this.#gpu = gpu;
    this.#nowMs = nowMs;
    this.hasTimestamps = gpu.device.features.has("timestamp-query");
    observeDispatches(gpu, (dispatch) => {
      if (!this.#active) return undefined;
      const index = this.#dispatches.push(dispatch) - 1;
      return this.hasTimestamps ? this.#writesOf(index) : undefined;
    });
  }

  /** Begins to listen. */
  start(): void {
    this.#dispatches = [];
    this.#active = true;
  }

  /** Waits for what was submitted since {@linkcode start} and gives every dispatch with its time, in order. */
  async stop(): Promise<{ dispatch: Dispatch; timeMs: number }[]> {
    this.#active = false;
    const dispatches = this.#dispatches;
    const times = this.hasTimestamps
      ? await this.#timesByAdapter()
      : await this.#repeat();
    return dispatches.map((dispatch, index) => ({
      dispatch,
      timeMs: times[index],
    }));
  }

  [Symbol.dispose](): void {
    for (const set of this.#querySets) set.destroy();
  }

  #writesOf(index: number): GPUComputePassTimestampWrites {
    const place = index % dispatchesOfSet;
    const set = Math.floor(index / dispatchesOfSet);
    this.#querySets[set] ??= this.#gpu.device.createQuerySet({
      type: "timestamp",
      count: 2 * dispatchesOfSet,
    });
    return {
      querySet: this.#querySets[set],
      beginningOfPassWriteIndex: 2 * place,
      endOfPassWriteIndex: 2 * place + 1,
    };
  }

  async #timesByAdapter(): Promise<number[]> {
    const spans = await this.#readTimestamps();
    const nanoseconds = ticks.get(this.#gpu) ??
      await measureTick(
        this.#gpu,
        (recorder, record) => this.#readClocks(recorder, record),
      );
    ticks.set(this.#gpu, nanoseconds);
    return spans.map(({ begin, end }) =>
      Number(end - begin) * nanoseconds / 1e6
    );
  }

  /** How long what `record` records takes by both clocks. */
  async #readClocks(
    recorder: Recorder,
    record: () => void,
  ): Promise<ClockReading> {
    await this.#gpu.device.queue.onSubmittedWorkDone();
    this.start();
    const startMs = this.#nowMs();
    record();
    recorder.submit();
    this.#active = false;
    const spans = await this.#readTimestamps();
    const wallMs = this.#nowMs() - startMs;
    const [{ begin }] = spans;
    return { wallMs, ticks: Number(spans[spans.length - 1].end - begin) };
  }

  async #readTimestamps(): Promise<Span[]> {
    const { device } = this.#gpu;
    const spans: Span[] = [];
    for (const set of this.#querySets) {
      const count = Math.min(
        dispatchesOfSet,
        this.#dispatches.length - spans.length,
      );
      if (count <= 0) break;
      const size = count * 16;
      const resolved = device.createBuffer({
        size,
        usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
      });
      const staging = new Staging(this.#gpu, "timestamps", size);
      const encoder = device.createCommandEncoder();
      encoder.resolveQuerySet(set, 0, 2 * count, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging.buffer, 0, size);
      device.queue.submit([encoder.finish()]);
      const read = new BigUint64Array(await staging.take());
      for (let i = 0; i < count; i++) {
        spans.push({ begin: read[2 * i], end: read[2 * i + 1] });
      }
      resolved.destroy();
    }
    return spans;
  }

  /** Equal dispatches take equal time, so each is measured once. */
  async #repeat(): Promise<number[]> {
    using recorder = new Recorder(this.#gpu);
    const measured = new Map<string, number>();
    const times: number[] = [];
    for (const { kernel, tensors, groups, uniform } of this.#dispatches) {
      const sizes = tensors.map(({ size }) => size);
      const key = JSON.stringify([kernel.id, groups, sizes, uniform]);
      let timeMs = measured.get(key);
      if (timeMs === undefined) {
        await this.#gpu.device.queue.onSubmittedWorkDone();
        const startMs = performance.now();
        for (let run = 0; run < repetitions; run++) {
          recorder.dispatch(kernel, tensors, groups, uniform);
        }
        recorder.submit();
        await this.#gpu.device.queue.onSubmittedWorkDone();
        timeMs = (performance.now() - startMs) / repetitions;
        measured.set(key, timeMs);
      }
      times.push(timeMs);
    }
    return times;
  }
}
