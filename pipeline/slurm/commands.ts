/**
 * Slurm's own programs: `sbatch`, `squeue`, `sacct`, `scancel`.
 *
 * @module
 */
import { PipelineError } from "../errors.ts";

/** The programs that a process which submits jobs may start. */
export const slurmPrograms = ["sbatch", "squeue", "sacct", "scancel"] as const;

/** A job to submit. */
export interface JobRequest {
  /** what the queue shows; two jobs of one name and user never run at once */
  name: string;
  /** text of a shell script */
  script: string;
  /** file that gets what the job prints; an absolute path */
  logPath: string;
  /** ids of the jobs that have to succeed before */
  after: readonly string[];
  /** further options of `sbatch`, such as `--gres=gpu:1` */
  options: readonly string[];
}

/** What Slurm says about a job. */
export interface JobState {
  /** `PENDING`, `RUNNING`, `COMPLETED`, `FAILED`, … */
  state: string;
  /** why it waits or failed, `Dependency`, `NonZeroExitCode`; "" when nothing is told */
  reason: string;
}

/** States of a job that has not ended. */
const underWay =
  /^(PENDING|RUNNING|CONFIGURING|COMPLETING|REQUEUED|REQUEUE_\w+|RESIZING|RESV_DEL_HOLD|SIGNALING|SPECIAL_EXIT|STAGE_OUT|STOPPED|SUSPENDED)$/;

/** Whether a job in this state will change it. */
export function isUnderWay({ state }: JobState): boolean {
  return underWay.test(state);
}

/**
 * Hands a job to Slurm.
 *
 * @returns its id
 * @throws {PipelineError} when Slurm is not here or refuses it
 */
export async function submitJob(request: JobRequest): Promise<string> {
  const dependencies = ["singleton"];
  if (request.after.length > 0) {
    dependencies.unshift(`afterok:${request.after.join(":")}`);
  }
  const { code, stdout, stderr } = await callSlurm("sbatch", [
    "--parsable",
    `--job-name=${request.name}`,
    `--output=${request.logPath.replaceAll("%", "%%")}`,
    "--open-mode=truncate",
    `--dependency=${dependencies.join(",")}`,
    "--kill-on-invalid-dep=yes",
    ...request.options,
  ], request.script);
  if (code !== 0) {
    throw new PipelineError({
      attempt: "submit a job to Slurm",
      where: request.name,
      found: (stderr.trim() || `code ${code}`).split("\n").map((line) =>
        line.replace(/^sbatch: (error: )?/, "")
      ).join("; "),
    });
  }
  const id = submittedId(stdout);
  if (id === undefined) {
    throw new PipelineError({
      attempt: "submit a job to Slurm",
      where: request.name,
      found: `no job's number in what sbatch printed: ${
        JSON.stringify(stdout.trim().slice(0, 200))
      }`,
      wanted: "a number in a line of its own, or Submitted batch job …",
      remedy:
        "a job may wait now that nobody watches: look with squeue, and have sbatch heed --parsable",
    });
  }
  return id;
}

/**
 * The id in what `sbatch --parsable` printed: `101`, with several clusters `101;tiger`, in a line of its own, whatever a wrapper prints
 * beside it; or `Submitted batch job 101` of a wrapper that ignores `--parsable`.
 */
export function submittedId(stdout: string): string | undefined {
  const lines = stdout.split("\n").map((line) => line.trim());
  for (const form of [/^(\d+)(;|$)/, /^Submitted batch job (\d+)\b/]) {
    for (const line of lines.toReversed()) {
      const id = form.exec(line)?.[1];
      if (id !== undefined) return id;
    }
  }
  return undefined;
}

/**
 * The states of jobs, asked from the queue and, for jobs that it has forgotten, from the accounting, where there is one.
 *
 * @returns by id; a job that neither knows is left out
 */
export async function jobStates(
  ids: readonly string[],
): Promise<Map<string, JobState>> {
  const queue = await callSlurm("squeue", [
    "--noheader",
    "--states=all",
    `--jobs=${ids.join(",")}`,
    "--format=%A|%T|%r",
  ]);
  const states = parseStates(queue.stdout);
  // A queue that knows none of the ids says so as an error; any other error may pass, and the next call tells.
  const forgotten = ids.filter((id) => !states.has(id));
  if (queue.code !== 0 && !/Invalid job id/i.test(queue.stderr)) {
    return new Map(ids.map((id) => [id, { state: "PENDING", reason: "" }]));
  }
  if (forgotten.length === 0) return states;
  const accounting = await callSlurm("sacct", [
    "--allocations",
    "--noheader",
    "--parsable2",
    `--jobs=${forgotten.join(",")}`,
    "--format=JobID,State,ExitCode",
  ]);
  return new Map([...states, ...parseStates(accounting.stdout)]);
}

/** Lines of `id|state|reason`; `CANCELLED by 1000` is `CANCELLED`. */
export function parseStates(text: string): Map<string, JobState> {
  const states = new Map<string, JobState>();
  for (const line of text.split("\n")) {
    const [id, state, reason = ""] = line.trim().split("|");
    if (!/^\d+$/.test(id) || !state) continue;
    states.set(id, {
      state: state.split(" ")[0].replace(/\+$/, ""),
      reason: reason === "None" ? "" : reason,
    });
  }
  return states;
}

/** Takes jobs out of the queue, running ones too; those that have ended are left alone. */
export async function cancelJobs(ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await callSlurm("scancel", ["--quiet", ...ids]);
}

async function callSlurm(
  program: (typeof slurmPrograms)[number],
  args: string[],
  input = "",
): Promise<{ code: number; stdout: string; stderr: string }> {
  let process: Deno.ChildProcess;
  try {
    process = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    if (
      !(error instanceof Deno.errors.NotFound) &&
      !(error instanceof Deno.errors.NotCapable)
    ) throw error;
    throw new PipelineError({
      attempt: "use Slurm",
      where: program,
      found: error instanceof Deno.errors.NotFound
        ? "no such program"
        : "no permission from Deno",
      remedy: error instanceof Deno.errors.NotFound
        ? "run it where jobs can be submitted; on Debian the package is slurm-client"
        : "start it through its task",
    }, { cause: error });
  }
  const writer = process.stdin.getWriter();
  const written = writer.write(new TextEncoder().encode(input))
    .then(() => writer.close())
    .catch(() => {}); // a program that refuses its arguments reads nothing
  const { code, stdout, stderr } = await process.output();
  await written;
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}
