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
  const add = (index: number, lazy: boolean) => {
    if (tokens[index]?.kind !== "string") return false;
    imports.push({ specifier: stringValue(tokens[index].text), lazy });
    return true;
  };

  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    if (token.kind !== "word" || isMemberDot(tokens[i - 1])) continue;
    if (token.text === "new" && text(i + 1) === "URL" && text(i + 2) === "(") {
      const afterLiteral = tokens.slice(i + 4, i + 10).map((t) => t.text);
      if (afterLiteral.join("") === ",import.meta.url") add(i + 3, true);
    } else if (token.text === "import") {
      if (text(i + 1) === "(") {
        if (!add(i + 2, true)) computed = true;
      } else if (text(i + 1) === ".") {
        if (text(i + 3) === "." && text(i + 4) === "resolve") add(i + 6, true);
      } else if (!add(i + 1, false) && !isTypeOnly(tokens, i + 1)) {
        add(endOfClause(tokens, i + 1), false);
      }
    } else if (token.text === "export" && /^[*{]$/.test(text(i + 1) ?? "")) {
      add(endOfClause(tokens, i + 1), false);
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

/** The value of a string literal; specifiers hold no escapes but quotes and backslashes. */
function stringValue(literal: string): string {
  return literal.slice(1, -1).replace(/\\(.)/g, "$1");
}
