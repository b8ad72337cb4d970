import { FetchFault, RangeFault, RateFault } from "./fetch_fault.ts";
import { type FileAnswer, requestFile } from "./fetch_file.ts";
import type { PartialFile, PartialOrigin } from "./partial_file.ts";
import { pause } from "../pause.ts";
import { uniform } from "../random.ts";
import { mostBytesOf, TooLarge } from "../transfer_bound.ts";
import { type TransferTimes, usualTransferTimes } from "../transfer_watch.ts";

/** How long a download waits, and how often it tries. */
export interface FetchPolicy extends TransferTimes {
  /** requests in a row without progress before a mirror is given up */
  attempts: number;
  /** wait before the second attempt; it doubles up to {@linkcode mostBackOffMs} and varies by half */
  backOffMs: number;
  mostBackOffMs: number;
  /** bytes of the largest file that is taken; {@linkcode usualMostBytes} unless given */
  mostBytes?: number;
}

/** Four times the largest published set. */
const usualMostBytes = 16 * 2 ** 30;

/** Patient enough for a server that restarts, not for one that is gone. */
export const usualPolicy: FetchPolicy = {
  ...usualTransferTimes,
  attempts: 5,
  backOffMs: 1_000,
  mostBackOffMs: 60_000,
};

/** Most bytes that have to come, beyond the furthest before, to count as progress. */
const progressBytes = 1 << 20;
/** Share of a small file that counts as progress: no file takes more than so many times the allowed requests. */
const progressShare = 1 / 64;

/** One mirror's copy of a file, to be fetched into a partial file. */
export interface MirrorRequest {
  url: string;
  partial: PartialFile;
  policy: FetchPolicy;
  signal: AbortSignal;
  /** told what there is of how much; 0 when nobody knows how much */
  onProgress(doneBytes: number, totalBytes: number): void;
}

/**
 * Fetches a mirror's copy into the partial file, going on where an earlier transfer broke off, this run's or another's. A server that
 * ignores the range, whose file changed, or that answers another range is asked for the whole file again.
 *
 * @returns whether the file was put together out of more than one answer
 * @throws {FetchFault} when the mirror does not give the whole file
 * @throws the signal's reason when it is aborted
 */
export async function fetchMirror(request: MirrorRequest): Promise<boolean> {
  const { url, policy, partial, signal } = request;
  /** the furthest byte when progress was last counted */
  let furthestBytes = 0;
  let answers = partial.read()?.origin.url === url ? 1 : 0;
  for (let failures = 0;;) {
    try {
      answers = await transfer(request) ? answers + 1 : 1;
      return answers > 1;
    } catch (error) {
      if (!(error instanceof FetchFault)) throw error;
      const { doneBytes = 0, origin } = partial.read() ?? {};
      const share = (origin?.totalBytes ?? Infinity) * progressShare;
      const isProgress = doneBytes > furthestBytes &&
        doneBytes >= furthestBytes + Math.min(progressBytes, share);
      if (isProgress) {
        furthestBytes = doneBytes;
        if (!(error instanceof RateFault)) failures = 0;
      }
      answers++;
      failures++;
      if (!error.isPassing) throw error;
      if (failures >= policy.attempts) {
        const times = failures === 1 ? "once" : `${failures} times`;
        throw new FetchFault(`${error.message} (tried ${times})`, false);
      }
      await pause(
        Math.max(error.waitMs, backOffMs(url, failures, policy)),
        signal,
      );
    }
  }
}

/**
 * Asks once and takes what comes.
 *
 * @returns whether it went on with what was there
 * @throws {FetchFault} unless the file is whole afterwards
 */
async function transfer(request: MirrorRequest): Promise<boolean> {
  const { url, partial, policy, signal, onProgress } = request;
  const begun = partial.read();
  const usable = begun !== undefined && begun.origin.url === url &&
      isVerifiable(begun.origin)
    ? begun
    : undefined;
  if (usable && usable.origin.totalBytes === usable.doneBytes) return true;
  const startBytes = usable?.doneBytes ?? 0;
  const answer = await requestFile({
    url,
    startBytes,
    validator: usable?.origin.validator ?? "",
    times: policy,
    signal,
  }).catch((error) => {
    if (error instanceof RangeFault) partial.remove();
    throw error;
  });
  const { totalBytes } = answer;
  const known = usable?.origin.totalBytes ?? null;
  const goesOn = startBytes > 0 && answer.startBytes === startBytes;
  if (goesOn && known !== null && totalBytes !== known) {
    await answer.cancel();
    partial.remove();
    throw new RangeFault("a file that changes while it is fetched");
  }
  if (!goesOn) {
    const { validator } = answer;
    partial.begin({ url, validator, totalBytes: totalBytes ?? null });
  }
  onProgress(answer.startBytes, totalBytes ?? 0);
  const doneBytes = await appendBounded(request, answer);
  if (totalBytes !== undefined && doneBytes < totalBytes) {
    throw new FetchFault(`cut at ${doneBytes} of ${totalBytes} bytes`, true);
  }
  const origin = partial.read()?.origin;
  if (origin === undefined) throw new FetchFault("an empty answer", true);
  if (origin.totalBytes === null) {
    partial.describe({ ...origin, totalBytes: doneBytes });
  }
  return goesOn;
}

/**
 * Takes what comes, and no more than it may be.
 *
 * @returns bytes that there are
 * @throws {FetchFault} when it is more; nothing is left then
 */
async function appendBounded(
  { partial, policy, onProgress }: MirrorRequest,
  answer: FileAnswer,
): Promise<number> {
  const { bytes, startBytes, totalBytes } = answer;
  try {
    const mostBytes = mostBytesOf(partial.folder, {
      statedBytes: totalBytes,
      doneBytes: startBytes,
      limitBytes: policy.mostBytes ?? usualMostBytes,
    });
    return await partial.append(
      bytes,
      mostBytes,
      (done) => onProgress(done, totalBytes ?? 0),
    );
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    await answer.cancel().catch(() => {}); // it is being read, and ends with that
    partial.remove();
    throw new FetchFault(error.message, false);
  }
}

/** Whether a server that goes on with something else would be noticed. */
function isVerifiable({ validator, totalBytes }: PartialOrigin): boolean {
  return validator !== "" || totalBytes !== null;
}

/** Exponential, between half and one and a half times: the same on every run, another for every mirror and attempt. */
function backOffMs(url: string, failures: number, policy: FetchPolicy): number {
  const wholeMs = Math.min(
    policy.mostBackOffMs,
    policy.backOffMs * 2 ** (failures - 1),
  );
  return wholeMs * (0.5 + uniform(0, `back-off ${url}`, failures));
}
