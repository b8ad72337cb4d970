/** What this thread alone uses: other tests run in other threads of the process, on a machine that may be busy. */
import process from "node:process";

/** Bytes that this thread's objects and buffers take, live or not yet collected. */
export function usedBytes(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

/** Milliseconds for which a processor has worked for this thread. */
export function workedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
