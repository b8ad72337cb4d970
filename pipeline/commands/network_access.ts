/**
 * How a command gets the network, and no more of it than it needs.
 *
 * A task starts without network and with the permission to start programs. A thread that may read and do nothing else finds the hosts in
 * the configs (see `cli_worker.ts`): nothing that handles a config has that permission. Once the command knows its hosts:
 * - none: that permission is given up at once, and everything happens in this process, which can then neither reach a host nor start a
 *   program;
 * - some: the same command starts again as a child that may reach exactly these hosts and start no program but those that the command names
 *   (Slurm's, for a run that submits jobs). This process hands through
 *   what the child prints and reads, its exit code, and the signals that end it, and does nothing else.
 *
 * The permission is not narrowed to a list of programs from the beginning: Deno is on it either way, which can start anything; and where the
 * driver's folder is in LD_LIBRARY_PATH, as in a bundle, Deno starts no program with a narrowed one.
 *
 * A child instead of a wider permission from the beginning, because Deno fixes what is allowed when a process starts: it can be given
 * up later, not narrowed to a list that stands in a config. Training runs in the same process as the download, and keeps what that was
 * given: the download of another config may still be under way beside it, and a stored set that turns out to be damaged is fetched
 * again. So code that trains could reach the mirrors and the shared cache, and nothing else; that it does not even try is what the
 * test of the architecture sees to, by which only the two modules that own the network call it.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { PipelineError } from "../errors.ts";
import { remoteCacheVariables } from "../remote/cache_options.ts";

/** What the child may do besides reaching its hosts: what the task `reproduce` allows, without starting programs. */
export const childPermissions: readonly string[] = [
  "--no-prompt",
  "--allow-read",
  "--allow-write=runs,.cache",
  "--allow-sys=systemMemoryInfo,hostname,statfs",
  `--allow-env=${Object.values(remoteCacheVariables).join(",")}`,
];

/** What the thread may do that reads configs for their hosts. */
export const readingPermissions: Deno.PermissionOptionsObject = {
  read: "inherit",
  env: "inherit", // the shared cache's address
  write: false,
  net: false,
  run: false,
  ffi: false,
  sys: false,
  import: false,
};

const cliPath = fileURLToPath(new URL("../cli.ts", import.meta.url));

/** Signals that end a program; Windows delivers the first alone. */
const passedOn: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM"];

/** What is started again, and by whom. */
export interface ChildOptions {
  /** called when this process hands over to the child: from then on it reacts to no signal itself */
  handOver?(): void;
  /** the program; default: the command line */
  program?: string;
  /** the other programs that it may start, by name; default: none */
  programs?: readonly string[];
  /** further folders that it may write to; default: none */
  places?: readonly string[];
}

/**
 * Sees to it that exactly `hosts` can be reached, and that no program but `options.programs` can be started.
 *
 * @param hosts `host:port`, also `*.host:port`
 * @param args the command line to start again
 * @returns the exit code of the child that did the work (128 + the number of the signal that ended it); undefined when this process is to do it
 * @throws {PipelineError} when neither the network nor starting a child is allowed
 */
export async function withNetworkAccess(
  hosts: readonly string[],
  args: readonly string[],
  options: ChildOptions = {},
): Promise<number | undefined> {
  // A wildcard cannot be asked for, but some host that it stands for can.
  const lacking = hosts.filter((host) =>
    !isAllowed({ name: "net", host: host.replace(/^\*/, "any") })
  );
  const { programs = [] } = options;
  const mayStartAny = isAllowed({ name: "run" });
  if (lacking.length === 0 && (programs.length === 0 || !mayStartAny)) {
    if (programs.length === 0) await Deno.permissions.revoke({ name: "run" });
    return undefined;
  }
  if (!isAllowed({ name: "run", command: Deno.execPath() })) {
    throw new PipelineError({
      attempt: "reach the network",
      where: lacking.join(", "),
      found: "no permission from Deno",
      wanted: `--allow-net=${hosts.join(",")}, or --allow-run`,
      remedy: "start it through its task",
    });
  }
  return await runChild(hosts, args, options);
}

function isAllowed(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}

async function runChild(
  hosts: readonly string[],
  args: readonly string[],
  { handOver, program = cliPath, programs = [], places = [] }: ChildOptions,
): Promise<number> {
  // Deno starts no program with these under a narrowed permission, and Slurm's need no driver.
  const env = programs.length === 0
    ? {}
    : { LD_LIBRARY_PATH: "", LD_PRELOAD: "" };
  const child = new Deno.Command(Deno.execPath(), {
    env,
    args: [
      "run",
      "--quiet", // Deno would remark on programs that are not here
      ...childPermissions,
      // Deno adds up what it is given twice.
      ...places.map((path) => `--allow-write=${path}`),
      ...(hosts.length === 0 ? [] : [`--allow-net=${hosts.join(",")}`]),
      ...(programs.length === 0 ? [] : [`--allow-run=${programs.join(",")}`]),
      program,
      ...args,
    ],
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  const listeners = passedOn.map((signal) => {
    const listener = () => {
      try {
        child.kill(signal);
      } catch (error) {
        // It has ended already; its exit code is about to arrive.
        if (!(error instanceof TypeError)) throw error;
      }
    };
    Deno.addSignalListener(signal, listener);
    return { signal, listener };
  });
  handOver?.();
  try {
    return (await child.status).code;
  } finally {
    for (const { signal, listener } of listeners) {
      Deno.removeSignalListener(signal, listener);
    }
  }
}
