import { resolve } from "@std/path";
import type { ErrorParts } from "../errors.ts";
import type { Key } from "./section.ts";
import { type SectionName, sections } from "./sections.ts";
import { dotted, type Setting } from "./toml.ts";

/** What is said of a path that begins with `~`. */
type PathProblem = Required<Pick<ErrorParts, "found" | "wanted" | "remedy">>;

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
    const problem = tildeProblem(written);
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

/** What is wrong with a path that begins with `~`; undefined for any other. */
export function tildeProblem(path: string): PathProblem | undefined {
  if (!/^~[^/\\]*([/\\]|$)/.test(path)) return undefined;
  return {
    found: JSON.stringify(path),
    wanted: "a path without ~, which only a shell replaces",
    remedy: "write the whole path",
  };
}
