/**
 * What counts of one source file.
 *
 * @module
 */
import { extname } from "@std/path";
import { countedShader, countedTypeScript } from "./code_text.ts";
import { type Token, tokenize } from "./code_tokens.ts";
import { sha256, sha256File } from "../files/hash.ts";
import { findImports, readNames, stringValue } from "./module_imports.ts";

/** What counts of one source file. A type alias, not an interface, so that it is JSON. */
export type SourceFacts = {
  /** sha-256 of the counted text; of the bytes where the file is not source code */
  digest: string;
  /** what it loads, whether only when the code gets there, and which exports it uses (null: any) */
  imports: [specifier: string, lazy: boolean, names: string[] | null][];
  /** whether it has an `import()` that cannot be followed */
  computed: boolean;
  /** for a module of nothing but `export { … } from "…"`: exported name, specifier, name there; else null */
  barrel: [exported: string, specifier: string, name: string][] | null;
};

/** Increase when the facts of an unchanged file change: every stage then runs again. */
export const sourceFactsVersion = 2;

/** Reads one file's {@linkcode SourceFacts}. */
export async function readSourceFacts(path: string): Promise<SourceFacts> {
  const extension = extname(path);
  const facts = { imports: [], computed: false, barrel: null };
  if (/^\.[cm]?[jt]s$/.test(extension)) {
    const tokens = tokenize(await Deno.readTextFile(path));
    const { imports, computed } = findImports(tokens);
    return {
      digest: sha256(countedTypeScript(tokens)),
      imports: imports.map(({ specifier, lazy, names }) => [
        specifier,
        lazy,
        names,
      ]),
      computed,
      barrel: readBarrel(tokens),
    };
  }
  if (extension === ".wgsl") {
    const text = countedShader(await Deno.readTextFile(path));
    return { ...facts, digest: sha256(text) };
  }
  return { ...facts, digest: (await sha256File(path)).digest };
}

/** The re-exports of a module that has nothing else; null for any other module, `export *` among them. */
function readBarrel(tokens: readonly Token[]): SourceFacts["barrel"] {
  const exports: NonNullable<SourceFacts["barrel"]> = [];
  for (let i = 0; i < tokens.length;) {
    if (tokens[i++].text !== "export") return null;
    const isType = tokens[i]?.text === "type";
    if (isType) i++;
    if (tokens[i++]?.text !== "{") return null;
    const start = i;
    while (i < tokens.length && tokens[i].text !== "}") i++;
    const names = isType ? [] : readNames(tokens.slice(start, i + 1));
    if (tokens[++i]?.text !== "from" || tokens[++i]?.kind !== "string") {
      return null;
    }
    const specifier = stringValue(tokens[i++].text);
    for (const [name, exported] of names) {
      exports.push([exported, specifier, name]);
    }
    if (tokens[i]?.text === ";") i++;
  }
  return exports.length > 0 ? exports : null;
}
