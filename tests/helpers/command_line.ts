import { fileURLToPath } from "node:url";

/** The project's folder. */
export const projectDirectory = fileURLToPath(new URL("../..", import.meta.url))
  .replace(/\/$/, "");

/** What a finished process left. */
export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

/** How {@linkcode runProcess} starts a process. */
export interface ProcessOptions {
  /** working directory */
  cwd?: string;
  /** variables to add; an empty value still counts as set */
  env?: Record<string, string>;
  /** start from an empty environment */
  clearEnv?: boolean;
}

/** Runs a program to its end. */
export async function runProcess(
  program: string,
  args: string[],
  options: ProcessOptions = {},
): Promise<Finished> {
  const output = await new Deno.Command(program, {
    args,
    cwd: options.cwd ?? projectDirectory,
    env: { NO_COLOR: "1", ...options.env },
    clearEnv: options.clearEnv ?? false,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

/** Runs the command line as its tasks do, with the permissions of `reproduce`. */
export function runCli(
  args: string[],
  options: ProcessOptions = {},
): Promise<Finished> {
  return runProcess(Deno.execPath(), cliArguments(args), options);
}

/** What {@linkcode runCli} starts Deno with. */
export function cliArguments(args: readonly string[]): string[] {
  return [
    "run",
    "--no-prompt",
    "--allow-read",
    "--allow-write=runs,.cache",
    "--allow-sys=statfs",
    `${projectDirectory}/pipeline/cli.ts`,
    ...args,
  ];
}

/** Runs the command line with the permissions of the tasks that write where they are told. */
export function runWritingCli(
  args: string[],
  options: ProcessOptions = {},
): Promise<Finished> {
  return runProcess(Deno.execPath(), [
    "run",
    "--no-prompt",
    "--allow-read",
    "--allow-write",
    `${projectDirectory}/pipeline/cli.ts`,
    ...args,
  ], options);
}
