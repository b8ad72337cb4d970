import { resolve } from "@std/path";
import type { ErrorParts } from "../errors.ts";
import type { Key } from "./section.ts";
import { type SectionName, sections } from "./sections.ts";
import { dotted, type Setting } from "./toml.ts";

/** What is said of a path that begins with `~`, and of a URL. */
type PathProblem = Required<Pick<ErrorParts, "found" | "wanted" | "remedy">>;

const mostShownCharacters = 200;

/** Whether a setting's value is a path, by the key that it is of. */
function isPath({ path: [section, name, ...rest], value }: Setting): boolean {
  if (typeof value !== "string" || rest.length > 0) return false;
  if (!Object.hasOwn(sections, section)) return false;
  const { keys } = sections[section as SectionName];
  if (!Object.hasOwn(keys, name)) return false;
  const { path } = (keys as Record<string, Key>)[name];
  return path !== undefined && !path.except.includes(value);
}

/** Puts whole paths in place of relative ones, which are meant from where they were written; what is wrong is returned. */
export function makePathsWhole(
  settings: Map<string, Setting>,
): (PathProblem & { where: string })[] {
  const problems: (PathProblem & { where: string })[] = [];
  for (const [key, setting] of settings) {
    if (!isPath(setting)) continue;
    const written = setting.value as string;
    const problem = pathProblem(written);
    if (problem === undefined) {
      const value = resolve(setting.folder, written);
      settings.set(key, { ...setting, value });
    } else {
      const where = `${setting.valueWhere}: ${dotted(setting.path)}`;
      problems.push({ where, ...problem });
    }
  }
  return problems;
}

/** What is wrong with a path that begins with `~`, and with a URL; undefined for any other. */
export function pathProblem(path: string): PathProblem | undefined {
  const found = JSON.stringify(path.slice(0, mostShownCharacters));
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) {
    return {
      found: `the URL ${found}`,
      wanted: "a path of this machine",
      remedy: "fetch it first, and name the file",
    };
  }
  if (!/^~[^/\\]*([/\\]|$)/.test(path)) return undefined;
  return {
    found,
    wanted: "a path without ~, which only a shell replaces",
    remedy: "write the whole path",
  };
}
