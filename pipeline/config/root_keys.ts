import * as v from "valibot";
import { type Key, key } from "./section.ts";
import { whole } from "./values.ts";

const folderName = 'a folder name: no leading dot, none of / \\ : * ? " < > |';

/** A name that is one folder below `runs/` on every system. */
export const nameSchema = v.pipe(
  v.string("a folder name"),
  v.regex(
    /^[^\p{Cc}./\\:*?"<>|][^\p{Cc}/\\:*?"<>|]{0,99}$/u,
    folderName,
  ),
);

/** `seed`. */
export const seedKey = key(
  whole(0, 211, 2 ** 32 - 1),
  "every random choice is a function of it",
  "seed",
);

/** What is said about a key. */
export interface KeyText {
  /** what it may hold, as it follows "wanted" in an error */
  wanted: string;
  /** what it holds when nobody sets it */
  fallback: string;
  meaning: string;
  authorsFlag?: string;
}

/** Keys that stand before the first `[section]`; `name` and `extends` have no value of their own when nobody sets them. */
export const rootKeys: Readonly<Record<"name" | "seed" | "extends", KeyText>> =
  {
    name: {
      wanted: folderName,
      fallback: "the file's name without `.toml`",
      meaning: "name of the folder under `runs/`; not inherited by `extends`",
    },
    seed: keyText(seedKey),
    extends: {
      wanted: "the path of a TOML file, relative to this one",
      fallback: "none",
      meaning: "the config whose values this one starts from",
    },
  };

/** All that the table says about a key, as text. */
export function keyText({ schema, meaning, authorsFlag }: Key): KeyText {
  return {
    wanted: v.getDescription(schema.wrapped as never) ?? "",
    fallback: JSON.stringify(schema.default),
    meaning,
    ...(authorsFlag === undefined ? {} : { authorsFlag }),
  };
}
