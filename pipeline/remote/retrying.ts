import { setTimeout as delay } from "node:timers/promises";
import { RemoteFailure } from "./cache_http.ts";

/** Waits before a request is sent again; what the server asks for counts if it is longer, up to the longest. */
const backOffMs = [100, 1_000, 4_000];
const longestWaitMs = 30_000;

/**
 * Tries again what failed for a passing reason: a busy server, an idle connection closed at the moment it is used.
 *
 * @throws {RemoteFailure} the last one
 * @throws the signal's reason when it is aborted
 */
export async function retrying<T>(
  signal: AbortSignal,
  action: () => Promise<T>,
): Promise<T> {
  for (const backOff of backOffMs) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof RemoteFailure) || !error.transient) throw error;
      const asked = error.retryAfterMs ?? 0;
      if (asked > longestWaitMs) throw error;
      const waitMs = Math.max(backOff, asked);
      await delay(waitMs, undefined, { signal }).catch(() => {});
      signal.throwIfAborted();
    }
  }
  return await action();
}
