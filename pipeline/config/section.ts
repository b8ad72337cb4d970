import * as v from "valibot";

/** The schema of a key: it knows what the key holds when nobody sets it, and describes what it may hold. */
export type KeySchema = v.GenericSchema & {
  wrapped: v.GenericSchema;
  default: unknown;
};

/** A key of a config. */
export interface Key<Schema extends KeySchema = KeySchema> {
  schema: Schema;
  /** one line */
  meaning: string;
  /** the flag of the authors' command line that it stands for, without dashes; absent when they have none */
  authorsFlag?: string;
  /** for a path: what it may hold that is no path, such as `self`; relative paths are meant from the file that they stand in */
  path?: { except: readonly string[] };
}

/** A `[section]` of a config. */
export interface Section<Keys extends Record<string, Key>> {
  /** one line */
  meaning: string;
  keys: Keys;
  schema: v.ObjectSchema<
    { [Name in keyof Keys]: Keys[Name]["schema"] },
    undefined
  >;
}

/**
 * A key and all that is ever said about it.
 *
 * @param meaning one line
 * @param authorsFlag the flag of the authors' command line that it stands for, without dashes
 */
export function key<Schema extends KeySchema>(
  schema: Schema,
  meaning: string,
  authorsFlag?: string,
): Key<Schema> {
  return {
    schema,
    meaning,
    ...(authorsFlag === undefined ? {} : { authorsFlag }),
  };
}

/**
 * A key that holds a path, or "".
 *
 * @param except what else it may hold that is no path
 */
export function pathKey<Schema extends KeySchema>(
  schema: Schema,
  meaning: string,
  { authorsFlag, except = [] }: {
    authorsFlag?: string;
    except?: readonly string[];
  } = {},
): Key<Schema> {
  return {
    ...key(schema, meaning, authorsFlag),
    path: { except: ["", ...except] },
  };
}

/** A section of keys. */
export function section<Keys extends Record<string, Key>>(
  meaning: string,
  keys: Keys,
): Section<Keys> {
  const entries = Object.entries(keys).map(([name, { schema }]) =>
    [name, schema] as const
  );
  // Object.fromEntries forgets which schema belongs to which name.
  const schema = v.object(Object.fromEntries(entries)) as unknown as Section<
    Keys
  >["schema"];
  return { meaning, keys, schema };
}
