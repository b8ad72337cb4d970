import * as v from "valibot";
import { inferenceNetworks } from "../../gpu/nn/inference/inference_networks.ts";
import { type ConfigProblem, keysOf, misplacedKeys } from "./keys.ts";
import { makePathsWhole } from "./paths.ts";
import { configRules, type RuleProblem } from "./rules.ts";
import { nameSchema, seedKey } from "./root_keys.ts";
import { type SectionName, sectionNames, sections } from "./sections.ts";
import { describeValue, dotted, type Source } from "./toml.ts";
import type { Config } from "./types.ts";
import { ConfigError } from "../errors.ts";
import { closest } from "../suggest.ts";

/**
 * Checks what was set and fills in the rest.
 *
 * @param source what the files and overrides say
 * @param file path of the config file
 * @param stem the name of a config that does not name itself
 * @throws {ConfigError} with everything that is wrong
 */
export function validateSettings(
  source: Source,
  file: string,
  stem: string,
): Config {
  const problems: ConfigProblem[] = [
    ...misplacedKeys(source),
    ...makePathsWhole(source.settings),
  ];
  const flawed = new Set<string>();

  function checked<Schema extends v.GenericSchema>(
    schema: Schema,
    name: string,
    input: unknown,
  ): v.InferOutput<Schema> {
    const result = v.safeParse(schema, input);
    if (!result.success) {
      flawed.add(name);
      for (const issue of result.issues) {
        problems.push(wrongValue(issue, name, source, file));
      }
    }
    return result.output as v.InferOutput<Schema>; // with issues it goes nowhere: they are thrown below
  }
  const root = (key: string) => source.settings.get(key)?.value;
  const config = {
    name: checked(nameSchema, "name", root("name") ?? stem),
    file,
    seed: checked(seedKey.schema, "seed", root("seed")),
    ...Object.fromEntries(
      sectionNames.map((name) => [
        name,
        checked(sections[name].schema, name, sectionInput(name, source)),
      ]),
    ),
  } as Config; // every section stands in the table that its type follows from
  for (const rule of configRules) {
    if (rule.sections.some((name) => flawed.has(name))) continue;
    const problem = rule.check(config);
    if (problem) problems.push(brokenRule(problem, config, source, file));
  }
  if (problems.length > 0) throw new ConfigError(inFileOrder(problems));
  return config;
}

/** Sorted by file, line and column; what has none of them stays where it is, at the end. */
function inFileOrder(problems: ConfigProblem[]): ConfigProblem[] {
  const placed = problems.map((problem) => {
    const match = /^(.*?):(\d+):(\d+): /.exec(problem.where ?? "");
    const [, file = "\uffff", line = "0", column = "0"] = match ?? [];
    return { problem, file, line: Number(line), column: Number(column) };
  });
  placed.sort((a, b) =>
    Number(a.file > b.file) - Number(a.file < b.file) ||
    a.line - b.line || a.column - b.column
  );
  return placed.map(({ problem }) => problem);
}

/** The values set in a section; a table where a value belongs stands in it as a table, to be refused as one. */
function sectionInput(
  section: SectionName,
  source: Source,
): Record<string, unknown> {
  const known = keysOf(section);
  const input: Record<string, unknown> = {};
  const put = (path: string[], value: unknown) => {
    if (path[0] !== section || !known.includes(path[1])) return;
    input[path[1]] = path.length > 2 ? {} : value;
  };
  for (const { path, value } of source.settings.values()) put(path, value);
  for (const { path } of source.tables) put(path, {});
  return input;
}

/** What a schema said about a value, in terms of where the value was written. */
function wrongValue(
  issue: v.BaseIssue<unknown>,
  name: string,
  source: Source,
  file: string,
): ConfigProblem {
  const keys = (issue.path ?? []).map((item) => item.key);
  const path = [name, ...keys.filter((key) => typeof key === "string")];
  const element = keys.find((key) => typeof key === "number");
  const index = element === undefined ? "" : `[${element}]`;
  const where = whereIs(path, element, source) ?? file;
  const remedy = typeof issue.input === "string"
    ? untrained(path, issue.input) ??
      didYouMean(issue.input, quotedWords(issue.message))
    : undefined;
  return {
    where: `${where}: ${dotted(path)}${index}`,
    found: describeValue(issue.input),
    wanted: issue.message,
    ...(remedy === undefined ? {} : { remedy }),
  };
}

function didYouMean(
  text: string,
  choices: readonly string[],
): string | undefined {
  const guess = closest(text, choices);
  return guess === undefined ? undefined : `did you mean "${guess}"?`;
}

/** What to do with a network that describes and is not trained here. */
function untrained(path: string[], name: string): string | undefined {
  const isKnown = dotted(path) === "stage1.arch" &&
    inferenceNetworks.some((network) => network.name === name);
  return isKnown
    ? `${name} is not trained here: give its authors' checkpoint to extract, evaluate, match or features`
    : undefined;
}

function whereIs(
  path: string[],
  element: number | undefined,
  source: Source,
): string | undefined {
  const setting = source.settings.get(dotted(path));
  if (setting !== undefined) {
    if (element === undefined) return setting.valueWhere;
    return setting.elementWhere[element] ?? setting.valueWhere;
  }
  const isBelow = (other: { path: string[] }) =>
    path.every((key, index) => other.path[index] === key);
  return [...source.settings.values()].find(isBelow)?.keyWhere ??
    source.tables.find(isBelow)?.where;
}

/** The choices that a message of the kind `one of "a", "b"` offers. */
function quotedWords(message: string): string[] {
  return [...message.matchAll(/"([^"]+)"/g)].map((match) => match[1]);
}

function brokenRule(
  problem: RuleProblem,
  config: Config,
  source: Source,
  file: string,
): ConfigProblem {
  const { path, ...advice } = problem;
  const name = dotted(path);
  const setting = source.settings.get(name);
  const section: object = config[path[0]];
  const value = (section as Record<string, unknown>)[path[1]];
  return {
    where: `${setting?.valueWhere ?? file}: ${name}`,
    found: describeValue(value) + (setting ? "" : " (the default)"),
    ...advice,
  };
}
