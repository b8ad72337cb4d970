import { rootKeys as rootTexts } from "./root_keys.ts";
import { type SectionName, sectionNames, sections } from "./sections.ts";
import { describeValue, dotted, type Setting, type Source } from "./toml.ts";
import type { ErrorParts } from "../errors.ts";
import { closest } from "../suggest.ts";

/** What is wrong with one place of a config; the attempt is always the same. */
export type ConfigProblem = Omit<ErrorParts, "attempt">;

const rootKeys: readonly string[] = Object.keys(rootTexts);

/** The keys of a section. */
export function keysOf(section: SectionName): string[] {
  return Object.keys(sections[section].keys);
}

/** The dotted path of every key there is. */
const knownKeys: readonly string[] = [
  ...rootKeys,
  ...sectionNames.flatMap((section) =>
    keysOf(section).map((key) => `${section}.${key}`)
  ),
];

/** A name in a config: of a value, or of a table that holds none. */
interface Mention {
  path: string[];
  where: string;
  setting?: Setting;
}

/** Names that do not exist, tables where a value belongs and values where a table belongs; each name once. */
export function misplacedKeys(source: Source): ConfigProblem[] {
  const mentions: Mention[] = [...source.tables];
  for (const setting of source.settings.values()) {
    mentions.push({ path: setting.path, where: setting.keyWhere, setting });
  }
  const problems = new Map<string, ConfigProblem>();
  for (const mention of mentions) {
    const problem = misplaced(mention);
    if (problem === undefined) continue;
    const name = dotted(mention.path.slice(0, isSection(mention) ? 2 : 1));
    if (!problems.has(name)) problems.set(name, problem);
  }
  return [...problems.values()];
}

function isSection({ path }: Mention): boolean {
  return Object.hasOwn(sections, path[0]);
}

function misplaced(mention: Mention): ConfigProblem | undefined {
  const { path, where, setting } = mention;
  const [first, second] = path;
  if (isSection(mention)) {
    const section = first as SectionName;
    if (second !== undefined) {
      return keysOf(section).includes(second)
        ? undefined
        : unknownKey(section, second, where);
    }
    return setting && {
      where: `${setting.valueWhere}: ${first}`,
      found: describeValue(setting.value),
      wanted: `a table, [${first}]`,
    };
  }
  const isValue = setting !== undefined && path.length === 1;
  if (rootKeys.includes(first)) {
    if (isValue) return undefined;
    return { where: `${where}: ${first}`, found: "a table", wanted: "a value" };
  }
  return isValue
    ? unknownKey(undefined, first, where)
    : unknownSection(first, where);
}

/** So much of a name is shown, and compared with those that are known. */
const mostNameLength = 60;

function unknownKey(
  section: SectionName | undefined,
  wholeKey: string,
  where: string,
): ConfigProblem {
  const key = wholeKey.slice(0, mostNameLength);
  const known = section === undefined ? rootKeys : keysOf(section);
  const guess = guessKey(section, key, known);
  return {
    where: `${where}: ${
      dotted(section === undefined ? [key] : [section, key])
    }`,
    found: "an unknown key",
    ...(guess === undefined
      ? { wanted: `one of ${known.join(", ")}` }
      : { wanted: "a known key", remedy: `did you mean ${guess}?` }),
  };
}

/** A near miss in the same section, the same key in another section, or a section by its name. */
function guessKey(
  section: SectionName | undefined,
  key: string,
  known: readonly string[],
): string | undefined {
  const near = closest(key, known);
  if (near !== undefined) {
    return section === undefined ? near : `${section}.${near}`;
  }
  const elsewhere = knownKeys.filter((path) => path.endsWith(`.${key}`));
  if (elsewhere.length > 0) return elsewhere.join(" or ");
  const other = section === undefined ? closest(key, sectionNames) : undefined;
  return other && `[${other}]`;
}

function unknownSection(wholeName: string, where: string): ConfigProblem {
  const name = wholeName.slice(0, mostNameLength);
  const guess = closest(name, sectionNames);
  return {
    where: `${where}: ${dotted([name])}`,
    found: "an unknown section",
    wanted: `one of ${sectionNames.map((known) => `[${known}]`).join(", ")}`,
    ...(guess === undefined ? {} : { remedy: `did you mean [${guess}]?` }),
  };
}
