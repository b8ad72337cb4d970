import { readSourceCommit } from "../../code/source_commit.ts";
import { PipelineError } from "../../errors.ts";
import { closest } from "../../suggest.ts";
import type { Command, Flag } from "../command.ts";

/** How the program is started, in examples. */
const program = "./run";

/** Tasks of `deno.json` that are no commands, as they need programs and servers that no command may have, and what each takes. */
const argumentsOfTasks: Readonly<Record<string, string>> = {
  test: "",
  check: "",
  bench: "",
  bundle: "[--with-photographs] [--with-vulkan] OUT.tar.xz",
  page: "[--model FILE] [--build DIR] [--port N]",
};

/** Names of the tasks that are no commands. */
export const furtherTasks: readonly string[] = Object.keys(argumentsOfTasks);

/** `./run page [--model FILE] …`: how a task that is no command is typed. */
function taskUsage(name: string): string {
  return `${program} ${name} ${argumentsOfTasks[name] ?? ""}`.trimEnd();
}

/** `./run status <config> [--set KEY=VALUE]… [--json]` */
function usageLine(command: Command): string {
  const parts = [program, command.name];
  parts.push(...command.positionals.map(positionalUsage));
  for (const flag of command.flags) parts.push(flagUsage(flag));
  return parts.join(" ");
}

function positionalUsage(name: string): string {
  if (name.endsWith("?")) return `[<${name.slice(0, -1)}>]`;
  return name.endsWith("…") ? `<${name.slice(0, -1)}>…` : `<${name}>`;
}

function flagUsage(flag: Flag): string {
  const text = `--${flag.name}` + (flag.value ? ` ${flag.value}` : "");
  return (flag.required ? text : `[${text}]`) + (flag.many ? "…" : "");
}

/** The help of one command. */
export function commandHelp(command: Command): string {
  const rows = command.flags.map((flag): [string, string] => [
    `--${flag.name}` + (flag.value ? ` ${flag.value}` : ""),
    flag.summary,
  ]);
  return [
    `${command.name}: ${command.summary}`,
    "",
    `usage    ${usageLine(command)}`,
    `example  ${program} ${command.name} ${command.example}`.trimEnd(),
    ...(rows.length > 0 ? ["", ...table(rows)] : []),
  ].join("\n");
}

/** The help of the program: every command in one line, with an example each. */
export function programHelp(commands: readonly Command[]): string {
  return [
    "Self-TNet for Deno: trains and measures local patch descriptors.",
    "",
    `usage  ${program} <command> …`,
    "",
    ...table(commands.map(({ name, summary }) => [name, summary])),
    "",
    "examples",
    ...commands.map(({ name, example }) =>
      `  ${program} ${name} ${example}`.trimEnd()
    ),
    "",
    `${program} <command> --help says more about a command, ${program} --version which program this is.`,
    `Further tasks are ${
      new Intl.ListFormat("en-GB").format(furtherTasks)
    }: ${program} help <task>.`,
  ].join("\n");
}

function table(rows: readonly [string, string][]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
}

/** The project's `deno.json`. */
function projectSettings(): {
  version: string;
  tasks: Record<string, { description: string }>;
} {
  return JSON.parse(
    Deno.readTextFileSync(new URL("../../../deno.json", import.meta.url)),
  );
}

/** `self-tnet 0.1.0, commit 0123456789ab with changes, Deno 2.9.6 (x86_64-unknown-linux-gnu)` */
export function programVersion(): string {
  const source = readSourceCommit(import.meta.dirname ?? ".");
  const commit = source === undefined
    ? ""
    : `, commit ${source.commit.slice(0, 12)}${
      source.dirty ? " with changes" : ""
    }`;
  const { version } = projectSettings();
  return `self-tnet ${version}${commit}, Deno ${Deno.version.deno} (${Deno.build.target})`;
}

/** The help of a task of `deno.json` that is no command; undefined when there is none of that name. */
export function taskHelp(name: string): string | undefined {
  const { tasks } = projectSettings();
  return Object.hasOwn(tasks, name)
    ? `${name}: ${tasks[name].description}\n\nusage    ${taskUsage(name)}`
    : undefined;
}

/**
 * The command of that name.
 *
 * @throws {PipelineError} with the command or task that was most likely meant
 */
export function findCommand(
  name: string,
  commands: readonly Command[],
): Command {
  const found = commands.find((command) => command.name === name);
  if (found !== undefined) return found;
  const names = commands.map((command) => command.name);
  const guess = closest(name, [...names, ...furtherTasks]);
  throw new PipelineError({
    attempt: "run a command",
    found: `${JSON.stringify(name)}, which is no command`,
    ...(guess === undefined
      ? { wanted: `one of ${names.join(", ")}` }
      : { remedy: `did you mean ${guess}?` }),
  });
}

/** Refuses a flag that the command does not have. */
export function unknownFlag(typed: string, command: Command): PipelineError {
  const names = command.flags.map(({ name }) => name)
    .concat("help", "version");
  const guess = closest(typed.replace(/^-+/, ""), names);
  return new PipelineError({
    attempt: `run ${command.name}`,
    found: `an unknown flag ${typed}`,
    wanted: `one of ${names.map((name) => `--${name}`).join(", ")}`,
    ...(guess === undefined ? {} : { remedy: `did you mean --${guess}?` }),
  });
}

/** Refuses missing, surplus and empty arguments. */
export function checkArguments(
  command: Command,
  positionals: readonly string[],
  values: ReadonlyMap<string, readonly string[]>,
): void {
  const problem = argumentProblem(command, positionals, values);
  if (problem === undefined) return;
  throw new PipelineError({
    attempt: `run ${command.name}`,
    ...problem,
    remedy: `usage: ${usageLine(command)}`,
  });
}

function argumentProblem(
  command: Command,
  positionals: readonly string[],
  values: ReadonlyMap<string, readonly string[]>,
): { found: string; wanted: string } | undefined {
  const known = command.positionals;
  const required = known.filter((name) => !name.endsWith("?"));
  if (positionals.length < required.length) {
    return {
      found: "too few arguments",
      wanted: positionalUsage(required[positionals.length]),
    };
  }
  const mayRepeat = known.at(-1)?.endsWith("…") ?? false;
  if (positionals.length > known.length && !mayRepeat) {
    return {
      found: `a surplus argument ${JSON.stringify(positionals[known.length])}`,
      wanted: known.length === 0
        ? "none"
        : known.map(positionalUsage).join(" "),
    };
  }
  for (const flag of command.flags) {
    const given = values.get(flag.name) ?? [];
    if (flag.required && given.length === 0) {
      return { found: "too few arguments", wanted: flagUsage(flag) };
    }
    if (flag.value && given.includes("")) {
      return {
        found: `--${flag.name} without a value`,
        wanted: `--${flag.name} ${flag.value}`,
      };
    }
    if (!flag.many && given.length > 1) {
      return {
        found: `--${flag.name} given ${given.length} times`,
        wanted: "it once",
      };
    }
  }
  return undefined;
}
