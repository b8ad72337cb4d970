import { GpuError } from "./errors.ts";

/** Constants a shader is specialised with; integers become `u32`, `{ f32 }` becomes `f32`. */
export type ShaderConstants = Readonly<
  Record<string, number | { readonly f32: number }>
>;

/** Texts that `#include "name"` may name. */
export type ShaderIncludes = Readonly<Record<string, string>>;

/**
 * Turns a `.wgsl` file into the text that is compiled: constants prelude + includes + unrolled loops.
 *
 * - Every entry of `constants` becomes a module-level `const`.
 * - A line `#include "name"` is replaced by `includes[name]`.
 * - A line `enable feature;` goes to the very top, where the language wants it; an included text may have one.
 * - A line `// @unroll` before `for (var i = A; i < B; i++) {` replaces the loop by its bodies, each in a
 *   block of its own that declares `const i`; A and B are integer expressions of constants and of unrolled
 *   variables further out. Without the expansion the file means the same.
 *
 * Pure: the same arguments give the same text, which is the pipeline cache's key.
 *
 * @throws {GpuError} for an unknown include or a loop it cannot unroll
 */
export function expandShader(
  source: string,
  constants: ShaderConstants = {},
  includes: ShaderIncludes = {},
): string {
  const values: Record<string, number> = {};
  let prelude = "";
  for (const [name, value] of Object.entries(constants)) {
    if (typeof value === "number") {
      if (!Number.isInteger(value) || value < 0) {
        throw new GpuError({
          attempt: "expand a shader",
          where: name,
          found: String(value),
          wanted: "a non-negative integer, or { f32: value }",
        });
      }
      values[name] = value;
      prelude += `const ${name}: u32 = ${value}u;\n`;
    } else {
      prelude += `const ${name}: f32 = ${floatLiteral(value.f32)};\n`;
    }
  }
  const text = source.replace(
    /^[ \t]*#include "([^"]+)"[ \t]*$/gm,
    (_line, name: string) => {
      const included = includes[name];
      if (included === undefined) {
        throw new GpuError({
          attempt: "expand a shader",
          where: `#include "${name}"`,
          found: "no such text",
          wanted: Object.keys(includes).join(", ") || "no include",
        });
      }
      return included;
    },
  );
  let enabled = "";
  const body = text.replace(/^enable \w+;\n/gm, (line) => {
    enabled += line;
    return "";
  });
  return enabled + prelude + unroll(body, values);
}

function floatLiteral(value: number): string {
  const text = String(Math.fround(value));
  return /[.e]/.test(text) ? `f32(${text})` : `${text}.0`;
}

const loopHeader =
  /[ \t]*\/\/ @unroll[ \t]*\n[ \t]*for \(var (\w+)(?:: u32)? = ([^;]+); \1 < ([^;]+); \1\+\+\) \{/;

function unroll(text: string, values: Record<string, number>): string {
  let result = "";
  let rest = text;
  for (;;) {
    const match = loopHeader.exec(rest);
    if (match === null) break;
    const [header, name, first, end] = match;
    const bodyStart = match.index + header.length;
    const bodyEnd = matchingBrace(rest, bodyStart);
    const body = rest.slice(bodyStart, bodyEnd);
    result += rest.slice(0, match.index);
    const last = evaluate(end, values);
    for (let i = evaluate(first, values); i < last; i++) {
      result += `{ const ${name} = ${i}u;${
        unroll(body, { ...values, [name]: i })
      }}\n`;
    }
    rest = rest.slice(bodyEnd + 1);
  }
  if (/\/\/ @unroll/.test(rest)) {
    throw new GpuError({
      attempt: "unroll a loop",
      where: (/\/\/ @unroll[^\n]*\n[^\n]*/.exec(rest)?.[0] ?? "").trim(),
      found: "another form",
      wanted: "for (var i = A; i < B; i++) {",
    });
  }
  return result + rest;
}

function matchingBrace(text: string, start: number): number {
  let depth = 1;
  for (let i = start; i < text.length; i++) {
    if (text[i] === "{") depth++;
    if (text[i] === "}" && --depth === 0) return i;
  }
  throw new GpuError({
    attempt: "unroll a loop",
    found: "an unclosed brace",
    wanted: "}",
  });
}

/** Value of an integer expression of `+ - * / % ( )`, names and literals. */
function evaluate(text: string, values: Record<string, number>): number {
  const tokens = text.match(/[A-Za-z_]\w*|\d+|[-+*/%()]/g) ?? [];
  let position = 0;
  const fail = (found: string): never => {
    throw new GpuError({
      attempt: "unroll a loop",
      where: text.trim(),
      found,
      wanted: "an integer expression of shader constants",
    });
  };
  function factor(): number {
    const token = tokens[position++];
    if (token === "(") {
      const value = sum();
      if (tokens[position++] !== ")") fail("no closing parenthesis");
      return value;
    }
    if (token === undefined) return fail("an incomplete expression");
    if (/^\d/.test(token)) {
      if (tokens[position] === "u") position++;
      return Number(token);
    }
    return values[token] ?? fail(token);
  }
  function product(): number {
    let value = factor();
    for (;;) {
      const operator = tokens[position];
      if (operator === "*") value *= (position++, factor());
      else if (operator === "/") {
        value = Math.floor(value / (position++, factor()));
      } else if (operator === "%") value %= (position++, factor());
      else return value;
    }
  }
  function sum(): number {
    let value = product();
    for (;;) {
      const operator = tokens[position];
      if (operator === "+") value += (position++, product());
      else if (operator === "-") value -= (position++, product());
      else return value;
    }
  }
  const value = sum();
  if (position !== tokens.length) fail(tokens[position]);
  return value;
}
