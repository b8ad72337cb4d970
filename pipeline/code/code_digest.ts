/**
 * A stage's own code as a digest per file.
 *
 * @module
 */
import { dirname, relative } from "@std/path";
import { PipelineError } from "../errors.ts";
import type { FileIndex } from "../files/file_index.ts";
import { sha256Json } from "../files/hash.ts";
import { modulePath } from "./module_path.ts";
import { Project } from "./package_versions.ts";
import { readSourceFacts, type SourceFacts } from "./code_facts.ts";

/** A stage's code. */
export interface CodeDigest {
  /** counted digest by file, relative to the project, `/`-separated */
  files: Record<string, string>;
  /** version by package, dependencies of packages included */
  packages: Record<string, string>;
  /**
   * those of `files` that are read only when the code gets there, and so perhaps hours after the process began; all that a
   * worker loads is among them, since it reads again what this thread has loaded
   */
  lazyFiles: string[];
  /** the project's folder */
  root: string;
}

/** A file to follow: which of its exports are used (null: all), and who imports it. */
interface Visit {
  path: string;
  lazy: boolean;
  names: string[] | null;
  importer: string;
}

/** What was found of a file: its digest, or of a module of re-exports those that are used. */
interface Found {
  digest?: string;
  used: Set<string>;
}

/**
 * Digests of stage code: everything that a module can load through relative imports, `.wgsl` texts and
 * `new URL("…", import.meta.url)` files among them, without comments and white space, and the locked versions of the
 * packages it imports. Type-only imports load nothing and do not count. A shader's `#include` counts through the
 * TypeScript import that supplies the included text.
 *
 * Through a module of nothing but `export { … } from "…"`, such as `data/mod.ts`, only the names that are imported are
 * followed: a stage that reads packed patches does not depend on how photographs are cut. This holds as long as loading
 * a module has no effect beyond its exports, which is a rule of this project.
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
   * @throws {PipelineError} when a file is missing, or an `import()` has a computed specifier, or the module is no file
   */
  async digest(module: URL): Promise<CodeDigest> {
    const entry = modulePath(module);
    const project = this.#projectOf(dirname(entry));
    const found = new Map<string, Found>();
    const packages: Record<string, string> = {};
    const eager: Visit[] = [
      { path: entry, lazy: false, names: null, importer: entry },
    ];
    const lazy: Visit[] = [];
    const late: string[] = [];

    for (;;) {
      // What is loaded at once comes first, so that only a file that nothing else loads may be missing.
      const visit = eager.pop() ?? lazy.pop();
      if (visit === undefined) break;
      const known = found.get(visit.path);
      if (known?.digest !== undefined) continue;
      const facts = await this.#read(visit);
      if (facts === undefined) continue;
      const file = known ?? { used: new Set() };
      found.set(visit.path, file);
      for (
        const [specifier, importIsLazy, names] of follow(file, facts, visit)
      ) {
        const target = project.resolve(specifier, visit.path);
        if (target.kind === "file") {
          const isLazy = visit.lazy || importIsLazy;
          if (importIsLazy) late.push(target.path);
          (isLazy ? lazy : eager).push({
            path: target.path,
            lazy: isLazy,
            names,
            importer: visit.path,
          });
        } else if (target.kind === "package") {
          Object.assign(packages, project.closure(target.name, target.version));
        }
      }
    }
    const { root } = project;
    const lazyFiles = this.#reachedFrom(late, project);
    return { packages, root, ...summarise(found, lazyFiles, root) };
  }

  /** Every file that these files load, themselves among them; follows all names of a module of re-exports. */
  #reachedFrom(paths: readonly string[], project: Project): Set<string> {
    const reached = new Set<string>();
    const waiting = [...paths];
    for (;;) {
      const path = waiting.pop();
      if (path === undefined) return reached;
      if (reached.has(path)) continue;
      reached.add(path);
      for (const [specifier] of this.#facts.get(path)?.imports ?? []) {
        const target = project.resolve(specifier, path);
        if (target.kind === "file") waiting.push(target.path);
      }
    }
  }

  /** undefined for a lazily named path that is no file: `new URL(".", import.meta.url)` names a directory. */
  async #read(
    { path, lazy, importer }: Visit,
  ): Promise<SourceFacts | undefined> {
    const known = this.#facts.get(path);
    if (known !== undefined) return known;
    let facts: SourceFacts;
    try {
      if (lazy && !Deno.statSync(path).isFile) return undefined;
      facts = await this.#index.get(path, readSourceFacts);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      if (lazy) return undefined;
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

/** The imports to follow from a file; notes in `file` what of it counts. */
function follow(
  file: Found,
  facts: SourceFacts,
  { names }: Visit,
): SourceFacts["imports"] {
  if (facts.barrel === null || names === null) {
    file.digest = facts.digest;
    return facts.imports;
  }
  return facts.barrel.filter(([exported]) => names.includes(exported))
    .map((entry) => {
      const [, specifier, name] = entry;
      file.used.add(entry.join("\n"));
      return [specifier, false, [name]];
    });
}

function summarise(
  found: ReadonlyMap<string, Found>,
  late: ReadonlySet<string>,
  root: string,
): Pick<CodeDigest, "files" | "lazyFiles"> {
  const counting = [...found]
    .filter(([, { digest, used }]) => digest !== undefined || used.size > 0)
    .map(([path, file]) => ({
      name: relative(root, path).replaceAll("\\", "/"),
      isLate: late.has(path),
      ...file,
    }))
    .sort((a, b) => a.name < b.name ? -1 : 1);
  return {
    files: Object.fromEntries(
      counting.map(({ name, digest, used }) => [
        name,
        digest ?? sha256Json([...used].sort()),
      ]),
    ),
    lazyFiles: counting.filter(({ isLate }) => isLate).map(({ name }) => name),
  };
}
