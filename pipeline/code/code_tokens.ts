/**
 * TypeScript source as tokens, so that comments and white space can be left out without damage to strings, template
 * literals and regular expressions.
 *
 * @module
 */

/** One token; comments and white space are not tokens. */
export interface Token {
  kind: "word" | "number" | "string" | "template" | "regex" | "punctuator";
  /** As written. A template literal is one token per part: `` `a${ ``, `}b${`, `` }c` ``. */
  text: string;
  /** Whether a line break lies between this token and the one before. */
  newlineBefore: boolean;
}

const blank = /(?:[^\S\n\r\u2028\u2029]|\ufeff)+/y;
const lineBreak = /[\n\r\u2028\u2029]+/y;
const lineComment = /\/\/[^\n\r\u2028\u2029]*/y;
const blockComment = /\/\*[^]*?(?:\*\/|$)/y;
const hashbang = /#![^\n\r]*/y;
const word =
  /[#@]?(?:[\p{ID_Start}$_]|\\u)(?:[\p{ID_Continue}$\u200c\u200d]|\\u)*/uy;
const number =
  /(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?[\d_]+)?)n?/y;
const quoted = /"(?:[^"\\\n\r]|\\[^])*(?:"|$)|'(?:[^'\\\n\r]|\\[^])*(?:'|$)/y;
const templatePart = /(?:[^`\\$]|\\[^]|\$(?!\{))*(?:`|\$\{|$)/y;
const regex =
  /\/(?:[^/\\[\n\r\u2028\u2029]|\\[^\n\r\u2028\u2029]|\[(?:[^\]\\\n\r\u2028\u2029]|\\[^\n\r\u2028\u2029])*\])+\/[\p{ID_Continue}$]*/uy;
const punctuator =
  />>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?!\d)|\+\+|--|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|<<|>>|\*\*|[^]/uy;

/** Words after which an expression begins, so that `/` opens a regular expression. */
const expectsExpression = new Set(
  "return typeof case in of instanceof new delete void throw do else yield await default extends"
    .split(" "),
);
/** Words whose parenthesis is followed by a statement, not by an operator. */
const controlWords = new Set(["if", "while", "for", "with"]);

/**
 * The tokens of a TypeScript or JavaScript module (no JSX).
 *
 * Whether `/` divides or opens a regular expression is told from the token before it. The one case that needs a full
 * parser, `/` after `}`, is read as a regular expression when the line completes one: that keeps white space which a
 * division would not need, and never drops a character that counts.
 */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  let newlineBefore = false;
  const braces: ("block" | "template")[] = [];
  const parentheses: boolean[] = [];
  let afterControl = false;
  let postfixBang = false;

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = position;
    return pattern.exec(source)?.[0];
  };
  const isKeyword = (index: number, words: Set<string>) =>
    tokens[index]?.kind === "word" && words.has(tokens[index].text) &&
    !isMemberDot(tokens[index - 1]);
  const regexMayBegin = (): boolean => {
    const last = tokens.at(-1);
    if (last === undefined) return true;
    if (last.kind === "word") {
      return isKeyword(tokens.length - 1, expectsExpression);
    }
    if (last.kind === "template") return last.text.endsWith("${");
    if (last.kind !== "punctuator") return false;
    if (last.text === ")") return afterControl;
    if (last.text === "!") return !postfixBang;
    return last.text !== "]" && last.text !== "++" && last.text !== "--";
  };
  const push = (kind: Token["kind"], text: string) => {
    tokens.push({ kind, text, newlineBefore });
    newlineBefore = false;
    position += text.length;
  };
  const skip = (text: string | undefined, breaksLine: boolean): boolean => {
    if (text === undefined) return false;
    position += text.length;
    newlineBefore ||= breaksLine;
    return true;
  };
  const pushTemplate = (opening: string) => {
    position += opening.length;
    const part = match(templatePart)!;
    position -= opening.length;
    push("template", opening + part);
    if (part.endsWith("${")) braces.push("template");
  };

  skip(match(hashbang), false);
  while (position < source.length) {
    if (skip(match(blank), false) || skip(match(lineBreak), true)) continue;
    const character = source[position];
    if (character === "/") {
      if (skip(match(lineComment), false)) continue;
      const comment = match(blockComment);
      if (skip(comment, /[\n\r\u2028\u2029]/.test(comment ?? ""))) continue;
      const literal = regexMayBegin() ? match(regex) : undefined;
      if (literal !== undefined) {
        push("regex", literal);
        continue;
      }
    }
    const name = match(word);
    if (name !== undefined) {
      push("word", name);
      continue;
    }
    if (/[\d.]/.test(character)) {
      const figure = match(number);
      if (figure) {
        push("number", figure);
        continue;
      }
    }
    if (character === '"' || character === "'") {
      const text = match(quoted);
      if (text !== undefined) {
        push("string", text);
        continue;
      }
    }
    if (character === "`") {
      pushTemplate("`");
      continue;
    }
    if (character === "}" && braces.at(-1) === "template") {
      braces.pop();
      pushTemplate("}");
      continue;
    }
    const text = match(punctuator)!;
    if (text === "(") {
      parentheses.push(isKeyword(tokens.length - 1, controlWords));
    } else if (text === ")") afterControl = parentheses.pop() ?? false;
    else if (text === "{") braces.push("block");
    else if (text === "}") braces.pop();
    else if (text === "!") {
      postfixBang = !newlineBefore && endsOperand(tokens.at(-1)) &&
        !isKeyword(tokens.length - 1, expectsExpression);
    }
    push("punctuator", text);
  }
  return tokens;
}

/** Whether the token after this one names a member, so that a keyword there is an ordinary name. */
export function isMemberDot(token: Token | undefined): boolean {
  return token?.kind === "punctuator" &&
    (token.text === "." || token.text === "?.");
}

/** Whether an expression can end with this token. */
export function endsOperand(token: Token | undefined): boolean {
  if (token === undefined) return false;
  if (token.kind === "punctuator") {
    return token.text === ")" || token.text === "]" || token.text === "}";
  }
  return token.kind !== "template" || token.text.endsWith("`");
}
