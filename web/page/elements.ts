/**
 * An element of the page by its id.
 *
 * @throws {TypeError} when the page has none of that kind
 */
export function element<T extends HTMLElement>(
  id: string,
  kind: { new (): T },
): T {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new TypeError(`the page has no ${kind.name} ${id}`);
}

/** Elements that carry an attribute `data-<name>`, with its value. */
export function elementsWith(
  name: string,
): { element: HTMLButtonElement; value: string }[] {
  return [...document.querySelectorAll<HTMLButtonElement>(`[data-${name}]`)]
    .map((element) => ({ element, value: element.dataset[name] ?? "" }));
}
