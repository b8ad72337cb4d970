/** What a command used. */
export interface CommandCost {
  wallSeconds: number;
  /** user and system time of all its threads */
  cpuSeconds: number;
  /** the most memory it had resident */
  peakMib: number;
  stdout: string;
}

const pollMs = 200;
/** Linux counts processor time in hundredths of a second. */
const ticksPerSecond = 100;

/**
 * Runs a command to its end and reads from Linux's /proc what it used; processor time and memory are those of the last look,
 * at most a fifth of a second before the end.
 *
 * @throws Error with what it wrote to stderr when it fails
 */
export async function measureCommand(
  command: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<CommandCost> {
  const startMs = performance.now();
  const child = new Deno.Command(command, {
    args,
    env,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let cpuSeconds = 0;
  let peakMib = 0;
  // Deno itself may read /proc with all permissions only.
  const look = async () => {
    const { stdout } = await new Deno.Command("cat", {
      args: [`/proc/${child.pid}/stat`, `/proc/${child.pid}/status`],
      stderr: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    const peak = /VmHWM:\s*(\d+) kB/.exec(text);
    if (peak === null) return; // It has ended.
    const [stat] = text.split("\n", 1);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    cpuSeconds = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    peakMib = Number(peak[1]) / 1024;
  };
  const timer = setInterval(look, pollMs);
  try {
    const { success, stdout, stderr } = await child.output();
    const wallSeconds = (performance.now() - startMs) / 1000;
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return {
      wallSeconds,
      cpuSeconds,
      peakMib,
      stdout: new TextDecoder().decode(stdout),
    };
  } finally {
    clearInterval(timer);
  }
}
