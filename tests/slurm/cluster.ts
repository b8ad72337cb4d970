import { join } from "node:path";
import { freePort } from "../helpers/pipeline/nginx.ts";

/** The packages of Debian and Ubuntu that a cluster of one machine consists of. */
const packages = ["slurmctld", "slurmd", "slurm-client", "munge"];
const programs = [
  "/usr/sbin/slurmctld",
  "/usr/sbin/slurmd",
  "/usr/sbin/munged",
  "/usr/bin/sbatch",
];

/** Installs Slurm when it is missing and this process may. @returns why it cannot be had; undefined when it is here */
export async function installSlurm(): Promise<string | undefined> {
  const missing = () => programs.filter((path) => !exists(path));
  if (missing().length === 0) return undefined;
  if (Deno.uid() !== 0 || !exists("/usr/bin/apt-get")) {
    return `found no ${missing().join(", ")}; type: sudo apt-get install -y ${
      packages.join(" ")
    }`;
  }
  const install = ["install", "-y", "-qq", "--no-install-recommends"];
  for (const args of [["update", "-qq"], [...install, ...packages]]) {
    const { success, stderr } = await new Deno.Command("apt-get", {
      args,
      // Run level 1 keeps the packages from starting services of their own.
      env: { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
      stdin: "null",
    }).output();
    if (!success) {
      return `apt-get failed: ${new TextDecoder().decode(stderr).trim()}`;
    }
  }
  return missing().length === 0
    ? undefined
    : `found no ${missing().join(", ")} after installing ${packages}`;
}

/** Slurm with one controller and one node on loopback, without accounting, and all that it writes in one folder. */
export class SlurmCluster implements AsyncDisposable {
  /** what a process needs to talk to it */
  readonly env: Record<string, string>;
  readonly #folder: string;
  /** in the order in which they were started */
  readonly #processes: Deno.ChildProcess[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
    this.env = { SLURM_CONF: join(folder, "slurm.conf") };
  }

  /** Starts one, and waits until its node is idle. */
  static async start(): Promise<SlurmCluster> {
    const folder = Deno.makeTempDirSync({ prefix: "slurm-" });
    const cluster = new SlurmCluster(folder);
    try {
      cluster.#configure();
      cluster.#spawn("munged", [
        "--foreground",
        "--force", // the system's folder for temporary files is writable by others
        ...["key-file", "socket", "pid-file", "log-file", "seed-file"].map((
          name,
        ) => `--${name}=${folder}/munge.${name}`),
      ]);
      await until("munge's socket", () => exists(`${folder}/munge.socket`));
      cluster.#spawn("slurmctld", ["-D", "-f", cluster.env.SLURM_CONF]);
      cluster.#spawn("slurmd", ["-D", "-f", cluster.env.SLURM_CONF]);
      await until("an idle node", async () => {
        const { stdout } = await cluster.call("sinfo", ["-h", "-o", "%T"]);
        return stdout.trim() === "idle";
      });
      return cluster;
    } catch (error) {
      const logs = ["munge.log-file", "slurmctld.log", "slurmd.log"]
        .map((name) => join(folder, name)).filter(exists)
        .map((path) => Deno.readTextFileSync(path).slice(-2000));
      await cluster[Symbol.asyncDispose]();
      throw new Error(`Slurm does not start: ${error}\n${logs.join("\n")}`);
    }
  }

  /** Runs one of Slurm's commands. */
  async call(
    program: string,
    args: string[],
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    const output = await new Deno.Command(program, {
      args,
      env: this.env,
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return {
      code: output.code,
      stdout: decoder.decode(output.stdout),
      stderr: decoder.decode(output.stderr),
    };
  }

  /** Stops what it started, the last first. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of this.#processes.reverse()) {
      try {
        process.kill("SIGTERM");
      } catch {
        // it has ended by itself
      }
      const timer = setTimeout(() => process.kill("SIGKILL"), 5000);
      await process.status;
      clearTimeout(timer);
    }
    Deno.removeSync(this.#folder, { recursive: true });
  }

  #configure(): void {
    const folder = this.#folder;
    const host = Deno.hostname().split(".")[0];
    const user = Deno.uid() === 0 ? "root" : Deno.env.get("USER");
    Deno.writeFileSync(
      join(folder, "munge.key-file"),
      crypto.getRandomValues(new Uint8Array(1024)),
      { mode: 0o400 },
    );
    for (const name of ["state", "spool"]) Deno.mkdirSync(join(folder, name));
    Deno.writeTextFileSync(
      this.env.SLURM_CONF,
      `
ClusterName=loopback
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${freePort()}
SlurmdPort=${freePort()}
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/munge
AuthInfo=socket=${folder}/munge.socket
CredType=cred/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
KillWait=5
ReturnToService=2
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd.pid
SlurmctldLogFile=${folder}/slurmctld.log
SlurmdLogFile=${folder}/slurmd.log
NodeName=${host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=training Nodes=ALL Default=YES MaxTime=INFINITE State=UP
PartitionName=spare Nodes=ALL MaxTime=INFINITE State=UP
`,
    );
  }

  #spawn(program: string, args: string[]): void {
    this.#processes.push(
      new Deno.Command(`/usr/sbin/${program}`, {
        args,
        env: this.env,
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn(),
    );
  }
}

async function until(
  what: string,
  reached: () => boolean | Promise<boolean>,
): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await reached()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited 20 s for ${what}`);
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
