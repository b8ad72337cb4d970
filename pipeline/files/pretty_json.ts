/** JSON with two blanks a level and every list of plain numbers on one line, with a line break at the end. */
export function prettyJson(value: unknown): string {
  return `${indented(value, "")}\n`;
}

function indented(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) {
    return JSON.stringify(value) ?? "null";
  }
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== "object" || item === null)) {
      return JSON.stringify(value);
    }
    return braced(value.map((item) => indented(item, inner)), "[]", indent);
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) =>
      `${JSON.stringify(key)}: ${indented(member, inner)}`
    );
  return braced(members, "{}", indent);
}

function braced(items: string[], pair: string, indent: string): string {
  if (items.length === 0) return pair;
  const body = items.map((item) => `${indent}  ${item}`).join(",\n");
  return `${pair[0]}\n${body}\n${indent}${pair[1]}`;
}
