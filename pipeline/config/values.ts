import * as v from "valibot";

// The kinds of value a config has. Every message says what is wanted, as it follows "wanted" in an error.

/** A number that is not infinite and not NaN, and passes `accepts`. */
export function number(
  wanted: string,
  fallback: number,
  accepts: (value: number) => boolean = () => true,
) {
  const schema = v.pipe(
    v.number(wanted),
    v.check((value) => Number.isFinite(value) && accepts(value), wanted),
    v.description(wanted),
  );
  return v.optional(schema, fallback);
}

/** A number above `limit`. */
export function above(limit: number, fallback: number) {
  return number(`a number above ${limit}`, fallback, (value) => value > limit);
}

/** A number of `limit` or more. */
export function atLeast(limit: number, fallback: number) {
  const wanted = `a number of ${limit} or more`;
  return number(wanted, fallback, (value) => value >= limit);
}

/** A difference of two descriptor distances; distances lie in [0, 2]. */
export function level(fallback: number) {
  const wanted = "a number from -2 to 2";
  return number(wanted, fallback, (value) => Math.abs(value) <= 2);
}

/** A share of something, short of all of it. */
export function share(fallback: number) {
  const wanted = "a number of 0 or more and below 1";
  return number(wanted, fallback, (value) => value >= 0 && value < 1);
}

/** A share of something, up to all of it. */
export function fraction(fallback: number) {
  const wanted = "a number from 0 to 1";
  return number(wanted, fallback, (value) => value >= 0 && value <= 1);
}

/** A whole number from `least` to `most`. */
export function whole(
  least: number,
  fallback: number,
  most = Number.MAX_SAFE_INTEGER,
) {
  const wanted = most === Number.MAX_SAFE_INTEGER
    ? `a whole number of ${least} or more`
    : `a whole number from ${least} to ${most}`;
  return number(
    wanted,
    fallback,
    (value) => Number.isInteger(value) && value >= least && value <= most,
  );
}

/** More pairs than any benchmark has; they are drawn in memory. */
const mostEven = 100_000_000;

/** An even number of things, at least two. */
export function even(fallback: number) {
  const wanted = `an even whole number from 2 to ${mostEven}`;
  return number(
    wanted,
    fallback,
    (value) =>
      Number.isSafeInteger(value) && value >= 2 && value <= mostEven &&
      value % 2 === 0,
  );
}

/** `true` or `false`. */
export function toggle(fallback: boolean) {
  const wanted = "true or false";
  return v.optional(
    v.pipe(v.boolean(wanted), v.description(wanted)),
    fallback,
  );
}

/** Text of any kind that fits one line. */
export function text(wanted: string, fallback: string) {
  const schema = v.pipe(
    v.string(wanted),
    v.regex(/^[^\p{Cc}]*$/u, wanted),
    v.description(wanted),
  );
  return v.optional(schema, fallback);
}

/** Text that fits one line, is not empty, and matches `pattern`. */
export function someText(
  wanted: string,
  fallback: string,
  pattern = /^[^\p{Cc}]+$/u,
) {
  const schema = v.pipe(
    v.string(wanted),
    v.regex(pattern, wanted),
    v.description(wanted),
  );
  return v.optional(schema, fallback);
}

/** Text that matches `pattern`; empty when nobody sets it. */
export function optionalText(wanted: string, pattern: RegExp) {
  const schema = v.pipe(
    v.string(wanted),
    v.regex(pattern, wanted),
    v.description(wanted),
  );
  return v.optional(schema, "");
}

/** A list of texts that match `pattern`, none twice; empty when nobody sets it. */
export function optionalTexts(
  wanted: string,
  pattern: RegExp,
  accepts: (text: string) => boolean = () => true,
) {
  const item = v.pipe(
    v.string(wanted),
    v.regex(pattern, wanted),
    v.check(accepts, wanted),
    v.description(wanted),
  );
  return v.optional(entriesOnce(item), []);
}

/** One of the given words. */
export function oneOf<const Options extends readonly string[]>(
  options: Options,
  fallback: Options[number],
) {
  return v.optional(picklist(options), fallback);
}

/** A list of the given words, none twice, at least one. */
export function someOf<const Options extends readonly string[]>(
  options: Options,
  fallback: Options[number][],
) {
  return v.optional(distinctList(picklist(options)), fallback);
}

/** A list of names, none twice, at least one. */
export function names(wanted: string, fallback: string[]) {
  const item = v.pipe(
    v.string(wanted),
    v.regex(/^[\w-]+$/, wanted),
    v.description(wanted),
  );
  return v.optional(distinctList(item), fallback);
}

/** A list of whole numbers of `least` or more, none twice, at least one. */
export function wholes(least: number, fallback: number[]) {
  const wanted = `a whole number of ${least} or more`;
  const item = v.pipe(
    v.number(wanted),
    v.check((value) => Number.isSafeInteger(value) && value >= least, wanted),
    v.description(wanted),
  );
  return v.optional(distinctList(item), fallback);
}

function picklist<const Options extends readonly string[]>(options: Options) {
  const quoted = options.map((option) => JSON.stringify(option));
  const wanted = quoted.length === 1
    ? quoted[0]
    : `one of ${quoted.join(", ")}`;
  return v.pipe(v.picklist(options, wanted), v.description(wanted));
}

function distinctList<const Item extends v.GenericSchema>(item: Item) {
  const list = entriesOnce(item);
  return v.pipe(
    list,
    v.minLength(1, "at least one entry"),
    v.description(`${v.getDescription(list)} (at least one entry)`),
  );
}

function entriesOnce<const Item extends v.GenericSchema>(item: Item) {
  return v.pipe(
    v.array(item, "a list in square brackets"),
    v.check(
      (entries) => new Set(entries).size === entries.length,
      "every entry once",
    ),
    v.description(
      `a list, each entry once: ${v.getDescription(item as never)}`,
    ),
  );
}
