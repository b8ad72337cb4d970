import { networkNames } from "../../gpu/nn/networks.ts";
import { stage1LossNames } from "../../gpu/nn/losses.ts";
import { optimizerNames } from "../../gpu/nn/optimizers.ts";
import { descriptorNames } from "./descriptor_names.ts";
import { scheduleNames } from "./schedule_names.ts";
import { keyText, seedKey } from "./root_keys.ts";
import type { Key } from "./section.ts";
import { sectionNames, sections } from "./sections.ts";
import { sourceNames } from "./source_names.ts";
import { taskNames } from "./task_names.ts";

/** Tables of names, by the type of a name: what is added to one of them belongs to the types of a config at once. */
const nameTypes: readonly [names: readonly string[], type: string][] = [
  [networkNames, "NetworkName"],
  [stage1LossNames, "Stage1LossName"],
  [optimizerNames, "OptimizerName"],
  [scheduleNames, "ScheduleName"],
  [descriptorNames, "DescriptorName"],
  [sourceNames, "SourceName"],
  [taskNames, "TaskName"],
];

/** What of a valibot schema tells the type of its values. */
interface SchemaShape {
  type: string;
  wrapped?: SchemaShape;
  options?: readonly string[];
  item?: SchemaShape;
}

/**
 * The module `types.ts`: the type of a config with what the table says about each key, written out so that packages and editors
 * need not work it out of the schemas.
 */
export function configTypes(): string {
  const parts = sectionNames.map((name) => {
    const { meaning, keys } = sections[name];
    const members = Object.entries(keys).map(([key, entry]) =>
      member(key, entry)
    );
    return `/** \`[${name}]\`: ${meaning}. */
export type ${typeName(name)} = {
${members.join("\n")}
};
`;
  });
  const members = sectionNames.map((name) =>
    `  /** \`[${name}]\`: ${sections[name].meaning} */
  ${name}: ${typeName(name)};`
  );
  return `${introduction}
/** Everything that steers a run. Property names are the TOML keys, which docs/config.md explains. */
export type Config = {
  /** name of the folder under \`runs/\`; default: the config file's stem */
  name: string;
  /** path of the file it was read from; has no effect on any result */
  file: string;
${member("seed", seedKey)}
${members.join("\n")}
};

/** Name that \`[mirrors]\` and \`[contents]\` know a published archive by. */
export type ArchiveName = keyof ContentsConfig;

${parts.join("\n")}`;
}

const introduction =
  `// Made by \`./run keys --types > pipeline/config/types.ts\` from the table that configs are checked with.
// deno-fmt-ignore-file
import type { Stage1LossName } from "../../gpu/nn/losses.ts";
import type { NetworkName } from "../../gpu/nn/networks.ts";
import type { OptimizerName } from "../../gpu/nn/optimizers.ts";
import type { DescriptorName } from "./descriptor_names.ts";
import type { ScheduleName } from "./schedule_names.ts";
import type { SourceName } from "./source_names.ts";
import type { TaskName } from "./task_names.ts";

export type {
  DescriptorName,
  NetworkName,
  OptimizerName,
  ScheduleName,
  SourceName,
  Stage1LossName,
  TaskName,
};
`;

function typeName(section: string): string {
  return `${section[0].toUpperCase()}${section.slice(1)}Config`;
}

function member(name: string, key: Key): string {
  const { meaning, wanted, fallback, authorsFlag } = keyText(key);
  const flag = authorsFlag === undefined
    ? ""
    : `; the authors' \`--${authorsFlag}\``;
  return `  /** ${meaning}; ${wanted}; default \`${fallback}\`${flag} */
  ${name}: ${typeOf(key.schema)};`;
}

function typeOf({ type, wrapped, options, item }: SchemaShape): string {
  if (wrapped !== undefined) return typeOf(wrapped);
  if (item !== undefined) {
    const inner = typeOf(item);
    return inner.includes(" ") ? `(${inner})[]` : `${inner}[]`;
  }
  if (options === undefined) return type;
  const table = nameTypes.find(([names]) => names.join() === options.join());
  return table?.[1] ?? options.map((name) => JSON.stringify(name)).join(" | ");
}
