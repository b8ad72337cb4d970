/**
 * Answers for the name `@std/cli/parse-args` through Node's own parser, with the part of the standard library's call
 * shape that both can serve. Where JSR is reachable, `"@std/cli/parse-args": "jsr:@std/cli@1/parse-args"` in `deno.json`
 * takes its place.
 *
 * @module
 */
import { parseArgs as parseNodeArgs } from "node:util";

/** Which names are switches, which take a value, and which take a value each time they are given. */
export interface ParseOptions {
  boolean?: readonly string[];
  /** `"_"` keeps positional arguments as text, which they always are here */
  string?: readonly string[];
  /** subset of `string` whose values are collected into a list */
  collect?: readonly string[];
  /** one-letter names, `{ h: "help" }` */
  alias?: Readonly<Record<string, string>>;
  /** called for every argument that is not declared; `false` leaves it out of the result */
  unknown?: (argument: string, key?: string, value?: unknown) => unknown;
}

/** Positional arguments under `_`, the rest under its name. */
export interface Args {
  _: string[];
  [name: string]: boolean | string | string[] | undefined;
}

/**
 * Splits an argument list into positional arguments and flags.
 *
 * Switches that are not given are `false`; a value that is missing is `""`; everything after `--` is positional.
 */
export function parseArgs(
  args: readonly string[],
  options: ParseOptions = {},
): Args {
  const { boolean = [], string = [], collect = [], alias = {} } = options;
  const letterOf = (name: string) =>
    Object.keys(alias).find((letter) => alias[letter] === name);
  const declare = (name: string, type: "boolean" | "string") => {
    const short = letterOf(name);
    return [name, { type, multiple: true, ...(short ? { short } : {}) }];
  };
  const valued = string.filter((name) => name !== "_");
  const { tokens } = parseNodeArgs({
    args: [...args],
    options: Object.fromEntries([
      ...boolean.map((name) => declare(name, "boolean")),
      ...valued.map((name) => declare(name, "string")),
    ]),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });

  const result: Args = { _: [] };
  for (const name of boolean) result[name] = false;
  for (const name of collect) result[name] = [];
  for (const token of tokens) {
    if (token.kind === "positional") {
      result._.push(token.value);
    } else if (token.kind === "option") {
      const { name, rawName, value, inlineValue } = token;
      if (boolean.includes(name)) {
        result[name] = value !== "false";
      } else if (valued.includes(name)) {
        const missing = value === undefined ||
          (!inlineValue && value.startsWith("-"));
        const text = missing ? "" : value;
        const list = result[name];
        if (Array.isArray(list)) list.push(text);
        else result[name] = text;
      } else if (options.unknown?.(rawName, name, value) !== false) {
        result[name] = value ?? true;
      }
    }
  }
  return result;
}
