/// <reference lib="deno.worker" />
/** Reads damaged checkpoints for damaged_checkpoints_test.ts, which watches how far this has come. */
import { DataError } from "../../../data/mod.ts";
import { usedBytes } from "../thread_usage.ts";
import { checkpointForm, type formNames } from "./checkpoint_forms.ts";

/** What the worker is told. */
export interface MutationJob {
  form: (typeof formNames)[number];
  count: number;
  /** one shared integer: the number of the case under way */
  progress: SharedArrayBuffer;
}

/** What became of the damaged files. */
export interface MutationOutcome {
  refused: number;
  sound: number;
  /** what no damaged file may do; absent when none did */
  failure?: string;
  /** most bytes that were asked for in one piece, as a multiple of the file's */
  largestAllocation: number;
  /** most memory of the thread after a case, less that before the first */
  grownMib: number;
}

/** Sees how many bytes every new ArrayBuffer and Uint8Array is to have, before it has them. */
function watchAllocations(onSize: (sizeBytes: number) => void): void {
  const watched = <T extends new (...args: never[]) => object>(target: T): T =>
    new Proxy(target, {
      construct(constructor, args, newTarget) {
        if (typeof args[0] === "number") onSize(args[0]);
        return Reflect.construct(constructor, args, newTarget);
      },
    });
  globalThis.ArrayBuffer = watched(ArrayBuffer);
  globalThis.Uint8Array = watched(Uint8Array);
}

self.onmessage = async ({ data }: MessageEvent<MutationJob>) => {
  const { mutate, read } = await checkpointForm(data.form);
  const progress = new Int32Array(data.progress);
  const outcome = { refused: 0, sound: 0, largestAllocation: 0, grownMib: 0 };
  const before = usedBytes();
  let isReading = false;
  let largest = 0;
  watchAllocations((sizeBytes) => {
    if (isReading) largest = Math.max(largest, sizeBytes);
  });
  const fail = (round: number, what: string) =>
    self.postMessage({ ...outcome, failure: `case ${round}: ${what}` });
  for (let round = 0; round < data.count; round++) {
    Atomics.store(progress, 0, round);
    const bytes = mutate(round);
    isReading = true;
    largest = 0;
    try {
      const tensors = read(bytes);
      let sizeBytes = 0;
      for (const [wanted, tensor] of tensors ?? []) {
        const { length } = tensor as Uint8Array;
        if (length !== wanted) return fail(round, `${length} of ${wanted}`);
        sizeBytes += tensor.byteLength;
      }
      if (sizeBytes > 4 * bytes.length) {
        return fail(round, `${sizeBytes} bytes of tensors`);
      }
      if (tensors === undefined) outcome.refused++;
      else outcome.sound++;
    } catch (error) {
      if (!(error instanceof DataError)) {
        return fail(round, String((error as Error)?.stack ?? error));
      }
      if (!/^Cannot [^\r\n]{10,600}$/.test(error.message)) {
        return fail(round, `the message ${error.message}`);
      }
      outcome.refused++;
    }
    isReading = false;
    outcome.largestAllocation = Math.max(
      outcome.largestAllocation,
      largest / Math.max(bytes.length, 1),
    );
    outcome.grownMib = Math.max(
      outcome.grownMib,
      (usedBytes() - before) / 2 ** 20,
    );
  }
  self.postMessage(outcome satisfies MutationOutcome);
};
