/** How often any thread of this process has a file open, by the links of Linux's `/proc`, which Deno itself may not read. */
export function timesOpen(path: string): number {
  const { stdout } = new Deno.Command("ls", {
    args: ["-l", `/proc/${Deno.pid}/fd`],
  }).outputSync();
  const lines = new TextDecoder().decode(stdout).split("\n");
  return lines.filter((line) => line.endsWith(` -> ${path}`)).length;
}

/** Waits until no thread of this process has a file open: a thread that was ended closes what it had a moment later. */
export async function whenClosed(path: string): Promise<void> {
  const endMs = performance.now() + 5_000;
  while (timesOpen(path) > 0) {
    if (performance.now() > endMs) throw new Error(`${path} is still open`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
