/**
 * A stage's own code as a digest per file.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { dirname, extname, relative } from "@std/path";
import { countedShader, countedTypeScript } from "./code_text.ts";
import { tokenize } from "./code_tokens.ts";
import { PipelineError } from "./errors.ts";
import type { FileIndex } from "./file_index.ts";
import { sha256, sha256File } from "./hash.ts";
import { findImports, type ModuleImport } from "./module_imports.ts";
import { Project } from "./package_versions.ts";

/** What counts of one source file. */
export type SourceFacts = {
  /** sha-256 of the counted text; of the bytes where the file is not source code */
  digest: string;
  /** what it loads: specifier, and whether only when the code gets there */
  imports: [specifier: string, lazy: boolean][];
  /** whether it has an `import()` that cannot be followed */
  computed: boolean;
};

/** Increase when the counted text of an unchanged file changes: every stage then runs again. */
export const sourceFactsVersion = 1;

/** A stage's code. */
export interface CodeDigest {
  /** counted digest by file, relative to the project, `/`-separated */
  files: Record<string, string>;
  /** version by package, dependencies of packages included */
  packages: Record<string, string>;
  /** those of `files` that are loaded only when the code gets there, and so perhaps hours after the process began */
  lazyFiles: string[];
}

/**
 * Digests of stage code: everything that a module can load through relative imports, `.wgsl` texts and
 * `new URL("…", import.meta.url)` files among them, without comments and white space, and the locked versions of the
 * packages it imports. Type-only imports load nothing and do not count. A shader's `#include` counts through the
 * TypeScript import that supplies the included text.
 */
export class CodeDigester {
  readonly #index: FileIndex<SourceFacts>;
  readonly #projects = new Map<string, Project>();
  readonly #facts = new Map<string, SourceFacts>();

  /** @param index facts of files read earlier; one digester reads each file at most once */
  constructor(index: FileIndex<SourceFacts>) {
    this.#index = index;
  }

  /**
   * The code of the stage that `module` defines.
   *
   * @throws {PipelineError} when a file is missing, or an `import()` has a computed specifier
   */
  async digest(module: URL): Promise<CodeDigest> {
    const entry = fileURLToPath(module);
    const project = this.#projectOf(dirname(entry));
    const eager = new Map<string, SourceFacts>();
    const lazy = new Map<string, SourceFacts>();
    const packages: Record<string, string> = {};
    const waiting: [path: string, lazy: boolean, importer: string][] = [
      [entry, false, entry],
    ];
    const later: typeof waiting = [];

    for (;;) {
      const next = waiting.pop() ?? later.pop();
      if (next === undefined) break;
      const [path, isLazy, importer] = next;
      if (eager.has(path) || lazy.has(path)) continue;
      const facts = await this.#read(path, isLazy, importer);
      if (facts === undefined) continue;
      (isLazy ? lazy : eager).set(path, facts);
      for (const [specifier, importIsLazy] of facts.imports) {
        const target = project.resolve(specifier, path);
        if (target.kind === "file") {
          const targetIsLazy = isLazy || importIsLazy;
          (targetIsLazy ? later : waiting).push([
            target.path,
            targetIsLazy,
            path,
          ]);
        } else if (target.kind === "package") {
          Object.assign(packages, project.closure(target.name, target.version));
        }
      }
    }

    const named = (path: string) =>
      relative(project.root, path).replaceAll("\\", "/");
    const files = [...eager, ...lazy].map(([path, facts]) =>
      [named(path), facts.digest] as const
    ).sort(([a], [b]) => a < b ? -1 : 1);
    return {
      files: Object.fromEntries(files),
      packages,
      lazyFiles: [...lazy.keys()].map(named).sort(),
    };
  }

  /** undefined for a lazily named path that is no file: `new URL(".", import.meta.url)` names a directory. */
  async #read(
    path: string,
    isLazy: boolean,
    importer: string,
  ): Promise<SourceFacts | undefined> {
    const known = this.#facts.get(path);
    if (known !== undefined) return known;
    let facts: SourceFacts;
    try {
      if (isLazy && !Deno.statSync(path).isFile) return undefined;
      facts = await this.#index.get(path, readSource);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      if (isLazy) return undefined;
      throw new PipelineError({
        attempt: "tell a stage's code",
        where: importer,
        found: `an import of ${path}, which does not exist`,
        remedy: "correct the import",
      }, { cause: error });
    }
    if (facts.computed) {
      throw new PipelineError({
        attempt: "tell a stage's code",
        where: path,
        found: "import() of a computed specifier",
        wanted: "a string literal",
        remedy: "name the module in the import itself",
      });
    }
    this.#facts.set(path, facts);
    return facts;
  }

  #projectOf(directory: string): Project {
    const known = this.#projects.get(directory) ??
      Project.containing(directory);
    this.#projects.set(directory, known);
    return known;
  }
}

/** Reads one file's {@link SourceFacts}. */
async function readSource(path: string): Promise<SourceFacts> {
  const extension = extname(path);
  if (/^\.[cm]?[jt]s$/.test(extension)) {
    const tokens = tokenize(await Deno.readTextFile(path));
    const { imports, computed } = findImports(tokens);
    return {
      digest: sha256(countedTypeScript(tokens)),
      imports: imports.map((found: ModuleImport) => [
        found.specifier,
        found.lazy,
      ]),
      computed,
    };
  }
  if (extension === ".wgsl") {
    return {
      digest: sha256(countedShader(await Deno.readTextFile(path))),
      imports: [],
      computed: false,
    };
  }
  const { digest } = await sha256File(path);
  return { digest, imports: [], computed: false };
}
