/**
 * What a module loads, read from its tokens.
 *
 * @module
 */
import { isMemberDot, type Token } from "./code_tokens.ts";

/** One specifier that a module loads at run time. */
export interface ModuleImport {
  /** As written: `./x.ts`, `npm:fflate@0.8.3`, `@std/path`. */
  specifier: string;
  /** Loaded only when the code gets there: `import("…")`, `new URL("…", import.meta.url)`, `import.meta.resolve("…")`. */
  lazy: boolean;
  /** The exports it uses, `default` among them; null when it may use any. */
  names: string[] | null;
}

/**
 * Every literal specifier that the module can load: static imports and re-exports (type-only ones load nothing and are
 * left out), dynamic imports, `new URL("./file", import.meta.url)` (workers, data files) and `import.meta.resolve("…")`.
 *
 * @returns the imports, and whether there is an `import()` whose specifier is computed and so cannot be followed
 */
export function findImports(
  tokens: readonly Token[],
): { imports: ModuleImport[]; computed: boolean } {
  const imports: ModuleImport[] = [];
  let computed = false;
  const text = (index: number) => tokens[index]?.text;
  const add = (index: number, lazy: boolean, names: string[] | null) => {
    if (tokens[index]?.kind !== "string") return false;
    const specifier = stringValue(tokens[index].text);
    imports.push({ specifier, lazy, names });
    return true;
  };

  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (token.kind !== "word" || isMemberDot(tokens[i - 1])) continue;
    if (token.text === "new" && text(i + 1) === "URL" && text(i + 2) === "(") {
      const afterLiteral = tokens.slice(i + 4, i + 10).map((t) => t.text);
      if (afterLiteral.join("") === ",import.meta.url") add(i + 3, true, null);
    } else if (token.text === "import") {
      if (text(i + 1) === "(") {
        if (!add(i + 2, true, null)) computed = true;
      } else if (text(i + 1) === ".") {
        if (text(i + 3) === "." && text(i + 4) === "resolve") {
          add(i + 6, true, null);
        }
      } else if (!add(i + 1, false, null) && !isTypeOnly(tokens, i + 1)) {
        const end = endOfClause(tokens, i + 1);
        add(end, false, importedNames(tokens.slice(i + 1, end - 1)));
      }
    } else if (token.text === "export" && /^[*{]$/.test(text(i + 1) ?? "")) {
      const end = endOfClause(tokens, i + 1);
      add(end, false, importedNames(tokens.slice(i + 1, end - 1)));
    }
  }
  return { imports, computed };
}

/** `import type { … }`, `import type X from`, but not `import type from "x"`, which imports a value named `type`. */
function isTypeOnly(tokens: readonly Token[], index: number): boolean {
  if (tokens[index]?.text !== "type") return false;
  const next = tokens[index + 1];
  return next?.text !== "," &&
    !(next?.text === "from" && tokens[index + 2]?.kind === "string");
}

/** Index of the specifier that follows `from` after `{ … }`, `* as name` or `name, { … }`; -1 when there is none. */
function endOfClause(tokens: readonly Token[], start: number): number {
  let depth = 0;
  for (let i = start; i < tokens.length; i++) {
    const { text } = tokens[i];
    if (text === "{") depth++;
    else if (text === "}") depth--;
    else if (depth === 0) {
      if (text === "from" && tokens[i + 1]?.kind === "string") return i + 1;
      if (text === ";") return -1;
    }
    if (depth === 0 && text === "}" && tokens[i + 1]?.text !== "from") {
      return -1;
    }
  }
  return -1;
}

/** The names that a clause between `import` (or `export`) and `from` takes; null for `*`. */
function importedNames(clause: readonly Token[]): string[] | null {
  if (clause.some(({ text }) => text === "*")) return null;
  const open = clause.findIndex(({ text }) => text === "{");
  const names = open === 0 ? [] : ["default"];
  return open < 0
    ? names
    : names.concat(readNames(clause.slice(open + 1)).map(([name]) => name));
}

/**
 * The pairs of `a, b as c, type D }`: imported or local name, and name after `as`; types are left out.
 */
export function readNames(
  tokens: readonly Token[],
): [name: string, as: string][] {
  const pairs: [string, string][] = [];
  let words: string[] = [];
  for (const { text, kind } of tokens) {
    if (text !== "," && text !== "}") {
      words.push(kind === "string" ? stringValue(text) : text);
      continue;
    }
    const isType = words[0] === "type" && words.length > 1 &&
      (words[1] !== "as" || words.length === 2 || words.length === 4);
    if (words.length > 0 && !isType) pairs.push([words[0], words.at(-1)!]);
    words = [];
    if (text === "}") break;
  }
  return pairs;
}

/** The value of a string literal; specifiers hold no escapes but quotes and backslashes. */
export function stringValue(literal: string): string {
  return literal.slice(1, -1).replace(/\\(.)/g, "$1");
}
