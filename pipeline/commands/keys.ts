import type { ListedKey, ListedSection } from "../config/reference.ts";
import { PipelineError } from "../errors.ts";
import { closest } from "../suggest.ts";
import type { Command } from "./command.ts";

/** `keys`: what a config may say. */
export const keys: Command = {
  name: "keys",
  summary: "list the keys of a config, or explain one: range, default, meaning",
  positionals: ["KEY?"],
  flags: [{
    name: "markdown",
    summary: "print the whole list as docs/config.md has it",
  }, {
    name: "types",
    summary: "print the whole list as pipeline/config/types.ts has it",
  }],
  example: "stage1.lr",
  async run({ positionals: [wanted], has, print }) {
    const { keyReference, listSections } = await import(
      "../config/reference.ts"
    );
    if (has("markdown")) {
      print(keyReference().trimEnd());
      return 0;
    }
    if (has("types")) {
      const { configTypes } = await import("../config/type_text.ts");
      print(configTypes().trimEnd());
      return 0;
    }
    const sections = listSections();
    const shown = wanted === undefined
      ? sections
      : sectionsOf(wanted, sections);
    for (const [at, { title, meaning, keys }] of shown.entries()) {
      if (at > 0) print("");
      print(`${title}  ${meaning}`);
      const width = Math.max(...keys.map(({ path }) => path.length));
      for (const key of keys) {
        print(`  ${key.path.padEnd(width)}  ${key.meaning}`);
        if (wanted !== undefined) {
          for (const line of details(key)) print(line);
        }
      }
    }
    return 0;
  },
};

/** A whole section by its name, or one key of it. */
function sectionsOf(
  wanted: string,
  sections: readonly ListedSection[],
): ListedSection[] {
  const whole = sections.filter(({ title }) =>
    title === wanted || title === `[${wanted}]`
  );
  if (whole.length > 0) return whole;
  const found = sections.flatMap((section) => {
    const keys = section.keys.filter(({ path }) =>
      path === wanted || path.endsWith(`.${wanted}`)
    );
    return keys.length === 0 ? [] : [{ ...section, keys }];
  });
  if (found.length > 0) return found;
  const guess = closest(
    wanted,
    sections.flatMap(({ title, keys }) => [
      title.replace(/[[\]]/g, ""),
      ...keys.flatMap(({ path }) => [path, path.split(".").at(-1)!]),
    ]),
  );
  throw new PipelineError({
    attempt: "explain a key",
    found: `${JSON.stringify(wanted)}, which no config has`,
    wanted: "a key such as stage1.lr, or a section such as stage1",
    ...(guess === undefined ? {} : { remedy: `did you mean ${guess}?` }),
  });
}

function details({ wanted, fallback, authorsFlag }: ListedKey): string[] {
  return [
    `      may be   ${wanted}`,
    `      default  ${fallback}`,
    ...(authorsFlag === undefined ? [] : [`      authors  --${authorsFlag}`]),
  ];
}
