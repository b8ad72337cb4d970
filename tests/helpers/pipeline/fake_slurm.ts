import { join } from "@std/path";

/** What a cluster does that the documentation of Slurm does not tell. */
export interface SlurmHabits {
  /** what `sbatch` prints for a job, `ID` for its number; default `ID` */
  submitted?: string;
  /** the queue forgets a job when it has ended, and there is no accounting */
  forgets?: boolean;
  /** jobs do not run, print `boom` and fail */
  fails?: boolean;
  /** the store of `folder` is out of sight for so long after a job has ended */
  unseen?: { folder: string; seconds: number };
}

/**
 * Writes programs named as Slurm's into `directory`; they run jobs at once, one after the other, in the background.
 *
 * @returns the directory
 */
export function writeFakeSlurm(
  directory: string,
  { submitted = "ID", forgets = false, fails = false, unseen }: SlurmHabits,
): string {
  Deno.mkdirSync(join(directory, "jobs"), { recursive: true });
  const jobs = join(directory, "jobs");
  const hide = unseen === undefined ? "" : `
      mv '${unseen.folder}/.cache' '${unseen.folder}/unseen'`;
  const show = unseen === undefined ? "" : `
      sleep ${unseen.seconds}
      mv '${unseen.folder}/unseen' '${unseen.folder}/.cache'`;
  write(
    "sbatch",
    `
    id=$(( $(ls '${jobs}' | grep -c '[.]sh$') + 101 ))
    for word; do
      case $word in --output=*) log=\${word#--output=};; esac
    done
    cat > '${jobs}'/$id.sh
    (
      ${fails ? "echo boom" : `sh '${jobs}'/$id.sh`} > "$log" 2>&1
      code=${fails ? 1 : "$?"}${hide}
      echo $code > '${jobs}'/$id.code${show}
    ) < /dev/null > /dev/null 2>&1 &
    echo '${submitted}' | sed "s/ID/$id/"`,
  );
  write(
    "squeue",
    `
    for word; do
      case $word in --jobs=*) ids=$(echo "\${word#--jobs=}" | tr , ' ');; esac
    done
    known=
    for id in $ids; do
      if [ ! -f '${jobs}'/$id.code ]; then echo "$id|RUNNING|None"
      elif ${forgets}; then continue
      elif [ "$(cat '${jobs}'/$id.code)" = 0 ]; then echo "$id|COMPLETED|None"
      else echo "$id|FAILED|NonZeroExitCode"; fi
      known=yes
    done
    [ -n "$known" ] || { echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1; }`,
  );
  write("sacct", "echo 'Slurm accounting storage is disabled' >&2; exit 1");
  write("scancel", `echo "$@" >> '${join(directory, "cancelled")}'`);
  return directory;

  function write(name: string, script: string) {
    const path = join(directory, name);
    Deno.writeTextFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
}
