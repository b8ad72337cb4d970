import { dirname, join } from "@std/path";
import { type Token, tokenize } from "../../../pipeline/code/code_tokens.ts";

/** Specifiers after `import` and `from`, and in `import("…")`, those of types included. */
export function importsOf(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token, index) => {
    if (token.kind !== "string") return [];
    const before = tokens[index - 1]?.text;
    const isSpecifier = before === "from" || before === "import" ||
      (before === "(" && tokens[index - 2]?.text === "import");
    return isSpecifier ? [token.text.slice(1, -1)] : [];
  });
}

/**
 * Circles of imports, those of types counted: each as the files on it, in order, from the one that comes first by name.
 * @param sources texts by path
 */
export function circles(sources: ReadonlyMap<string, string>): string[][] {
  const imports = new Map(
    [...sources].map(([path, source]) => [
      path,
      importsOf(tokenize(source)).filter((specifier) =>
        specifier.startsWith(".")
      ).map((specifier) => join(dirname(path), specifier)),
    ]),
  );
  const found = new Map<string, string[]>();
  const finished = new Set<string>();
  const visit = (path: string, way: string[]) => {
    const start = way.indexOf(path);
    if (start >= 0) {
      const circle = way.slice(start);
      const first = circle.indexOf([...circle].sort()[0]);
      const turned = [...circle.slice(first), ...circle.slice(0, first)];
      found.set(turned.join(), turned);
      return;
    }
    if (finished.has(path)) return;
    for (const target of imports.get(path) ?? []) visit(target, [...way, path]);
    finished.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return [...found.values()];
}
