/**
 * Finds a key that stands twice in the same object of a JSON text, which `JSON.parse` would silently
 * answer with the later value.
 *
 * @param text JSON that `JSON.parse` accepts
 * @returns the first repeated key, or undefined when there is none
 */
export function findDuplicateKey(text: string): string | undefined {
  const keysOfOpenObjects: (Set<string> | undefined)[] = [];
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === "{") keysOfOpenObjects.push(new Set());
    else if (character === "[") keysOfOpenObjects.push(undefined);
    else if (character === "}" || character === "]") keysOfOpenObjects.pop();
    else if (character === '"') {
      const end = endOfString(text, index);
      if (isFollowedByColon(text, end)) {
        const keys = keysOfOpenObjects.at(-1);
        const key = JSON.parse(text.slice(index, end)) as string;
        if (keys?.has(key)) return key;
        keys?.add(key);
      }
      index = end - 1;
    }
  }
  return undefined;
}

/** Position after the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (text[index] !== '"') index += text[index] === "\\" ? 2 : 1;
  return index + 1;
}

function isFollowedByColon(text: string, position: number): boolean {
  let index = position;
  while (/\s/.test(text[index] ?? "-")) index++;
  return text[index] === ":";
}
