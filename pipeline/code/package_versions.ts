/**
 * Which packages a module's bare imports mean, from the project's `deno.json` and `deno.lock`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { dirname, join, resolve } from "@std/path";
import { PipelineError } from "../errors.ts";

/** Where a specifier leads. */
export type Resolution =
  | { kind: "file"; path: string }
  | { kind: "package"; name: string; version: string }
  | { kind: "builtin" };

interface LockFile {
  specifiers?: Record<string, string>;
  npm?: Record<string, { dependencies?: string[] }>;
}

/** A project: the directory of the nearest `deno.json`, its import map and its locked packages. */
export class Project {
  readonly root: string;
  readonly #imports: Record<string, string>;
  readonly #lock: LockFile;
  #lockedNames: Map<string, string> | undefined;

  private constructor(
    root: string,
    imports: Record<string, string>,
    lock: LockFile,
  ) {
    this.root = root;
    this.#imports = imports;
    this.#lock = lock;
  }

  /** The project that a directory belongs to: the nearest parent with a `deno.json`, else the directory alone. */
  static containing(directory: string): Project {
    for (let folder = directory;; folder = dirname(folder)) {
      const settings = readJson(join(folder, "deno.json")) as
        | { imports?: Record<string, string> }
        | undefined;
      if (settings !== undefined) {
        const lock = readJson(join(folder, "deno.lock")) as LockFile ?? {};
        return new Project(folder, settings.imports ?? {}, lock);
      }
      if (dirname(folder) === folder) return new Project(directory, {}, {});
    }
  }

  /** Follows a specifier from a file of this project; the import map comes first, as in Deno. */
  resolve(specifier: string, importer: string): Resolution {
    if (/^\.{0,2}\//.test(specifier)) {
      return { kind: "file", path: resolve(dirname(importer), specifier) };
    }
    if (specifier.startsWith("file:")) {
      return { kind: "file", path: fileURLToPath(specifier) };
    }
    const mapped = this.#mapped(specifier);
    if (/^\.{1,2}\//.test(mapped)) {
      return { kind: "file", path: join(this.root, mapped) };
    }
    if (mapped.startsWith("node:")) return { kind: "builtin" };
    const match = /^(npm|jsr):\/?((?:@[^/@]+\/)?[^/@]+)(?:@([^/]+))?/.exec(
      mapped,
    );
    if (match === null) return { kind: "package", name: mapped, version: "" };
    const [, registry, name, range = ""] = match;
    const locked = this.#lock.specifiers
      ?.[`${registry}:${name}@${range || "*"}`];
    return { kind: "package", name, version: locked ?? range };
  }

  /** A package and everything it depends on, name → versions; what the lock does not know stands alone. */
  closure(name: string, version: string): Record<string, string> {
    const found = new Map<string, Set<string>>();
    const visit = (id: string) => {
      const at = id.indexOf("@", 1);
      const key = at > 0 ? id : this.#onlyVersionOf(id);
      const separator = key.indexOf("@", 1);
      const packageName = separator > 0 ? key.slice(0, separator) : key;
      const packageVersion = separator > 0 ? key.slice(separator + 1) : "";
      const versions = found.get(packageName) ?? new Set();
      found.set(packageName, versions);
      if (versions.has(packageVersion)) return;
      versions.add(packageVersion);
      this.#lock.npm?.[key]?.dependencies?.forEach(visit);
    };
    visit(version === "" ? name : `${name}@${version}`);
    return Object.fromEntries(
      [...found].map((
        [key, versions],
      ) => [key, [...versions].sort().join(" ")]),
    );
  }

  /** The lock file leaves out a dependency's version when it holds only one of that name. */
  #onlyVersionOf(name: string): string {
    this.#lockedNames ??= new Map(
      Object.keys(this.#lock.npm ?? {})
        .map((key) => [key.slice(0, key.indexOf("@", 1)), key]),
    );
    return this.#lockedNames.get(name) ?? name;
  }

  #mapped(specifier: string): string {
    if (specifier in this.#imports) return this.#imports[specifier];
    const prefixes = Object.keys(this.#imports)
      .filter((key) => specifier.startsWith(key.replace(/\/?$/, "/")))
      .sort((a, b) => b.length - a.length);
    for (const prefix of prefixes) {
      const rest = specifier.slice(prefix.replace(/\/$/, "").length + 1);
      return `${this.#imports[prefix].replace(/\/$/, "")}/${rest}`;
    }
    return specifier;
  }
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PipelineError({
      attempt: "tell which packages the code uses",
      where: path,
      found: "text that is not JSON",
      remedy: "restore the file",
    }, { cause: error });
  }
}
