import { element } from "./elements.ts";

/** Says what went wrong, above all else on the page. */
export function showNotice(message: string): void {
  const notice = element("fault", HTMLParagraphElement);
  notice.textContent = message;
  notice.hidden = false;
}

export function hideNotice(): void {
  element("fault", HTMLParagraphElement).hidden = true;
}
