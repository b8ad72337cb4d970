/**
 * The text of a source file that counts: what is left without comments and white space.
 *
 * Two files with the same counted text are the same program. The reverse need not hold: renaming a variable changes it.
 *
 * @module
 */
import { endsOperand, isMemberDot, type Token } from "./code_tokens.ts";

/** Stands between two tokens, so that `a b` and `ab`, `+ +` and `++` stay apart. */
const separator = "\u0001";

/** Words that cannot end a statement: a line break after them never means anything. */
const neverLast = new Set(
  "else const var do in instanceof typeof new case void delete extends import export default function class if while for switch try catch finally"
    .split(" "),
);
/** Words that cannot begin a statement: a line break before them never means anything. */
const neverFirst = new Set(["else", "catch", "finally", "in", "instanceof"]);

/**
 * The counted text of a TypeScript module. Line breaks stay where automatic semicolon insertion could give them a
 * meaning (`return⏎x`, `a⏎++b`) and nowhere else.
 */
export function countedTypeScript(tokens: readonly Token[]): string {
  let text = "";
  for (let i = 0; i < tokens.length; i++) {
    if (i > 0) {
      text += lineBreakMayMatter(tokens, i) ? "\n" : separator;
    }
    text += tokens[i].text;
  }
  return text;
}

function lineBreakMayMatter(tokens: readonly Token[], index: number): boolean {
  const next = tokens[index];
  if (!next.newlineBefore) return false;
  const last = tokens[index - 1];
  if (next.kind === "word" && neverFirst.has(next.text)) return false;
  if (
    last.kind === "word" && neverLast.has(last.text) &&
    !isMemberDot(tokens[index - 2])
  ) return false;
  if (next.kind === "punctuator") {
    if (next.text === "++" || next.text === "--") return true;
    // `return`, `break`, `yield`, `async`, `type` … end, or become ordinary names, at a line break.
    return last.kind === "word" && /^[[({!~+\-/<*]$/.test(next.text);
  }
  return endsOperand(last) || last.text === "++" || last.text === "--" ||
    last.text === "!";
}

const shaderToken =
  /\/\/[^\n]*|\/\*|\s+|#include[ \t]+"[^"\n]*"|[\p{ID_Start}_][\p{ID_Continue}]*|(?:0[xX][\da-fA-F]*\.?[\da-fA-F]*(?:[pP][+-]?\d+)?|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)[iufh]?|<<=|>>=|->|&&|\|\||<<|>>|<=|>=|==|!=|\+\+|--|[-+*/%&|^]=|[^]/uy;

/**
 * The counted text of a WGSL file. A comment that begins with `// @` is a directive to the shader expansion (`// @unroll`)
 * and counts.
 */
export function countedShader(source: string): string {
  const parts: string[] = [];
  let position = 0;
  while (position < source.length) {
    shaderToken.lastIndex = position;
    const token = shaderToken.exec(source)![0];
    if (token === "/*") {
      position = endOfNestedComment(source, position);
      continue;
    }
    position += token.length;
    if (/^\s/.test(token)) continue;
    if (token.startsWith("//") && !/^\/\/ ?@/.test(token)) continue;
    parts.push(token.trimEnd());
  }
  return parts.join(separator);
}

/** WGSL's block comments nest. */
function endOfNestedComment(source: string, start: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  let depth = 0;
  for (let hit = edge.exec(source); hit !== null; hit = edge.exec(source)) {
    depth += hit[0] === "/*" ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return source.length;
}
