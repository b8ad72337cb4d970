import { sides } from "../messages.ts";
import type { Choices } from "./choices.ts";
import { element } from "./elements.ts";

/** Writes into the page what is chosen. */
export function showChoices(choices: Choices): void {
  for (const side of sides) {
    element(`${side}-name`, HTMLSpanElement).textContent =
      choices.file(side)?.name ?? "none yet";
  }
  element("network-name", HTMLSpanElement).textContent = choices.network.name;
  element("published", HTMLButtonElement).hidden = choices.hasPublishedNetwork;
}
