/** Starts the page. */
import { App } from "./app.ts";
import { element } from "./elements.ts";
import { showNotice } from "./notice.ts";
import { type PageFacts, pageFactsFile } from "../page_facts.ts";
import { loadFile } from "../load_file.ts";

try {
  const facts: PageFacts = await (await loadFile(pageFactsFile)).json();
  element("credit", HTMLElement).textContent =
    `Sample photograph: ${facts.sample.credit}; the right one is the left one seen from aside, made by this program.`;
  new App(facts);
} catch (error) {
  showNotice((error as Error).message);
}
