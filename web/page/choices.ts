import { networkFile, type PageFacts } from "../page_facts.ts";
import {
  type ChosenFile,
  type Fault,
  type Side,
  sides,
  type Task,
} from "../messages.ts";
import { element } from "./elements.ts";

/** What a visitor chose: two photographs and a network. */
export class Choices {
  readonly #facts: PageFacts;
  readonly #files: Partial<Record<Side, ChosenFile>> = {};
  /** what each choice replaced, to go back to */
  readonly #before: Partial<Record<Side, ChosenFile>> = {};
  #network: Task["network"];
  #networkBefore: Task["network"];
  #ids = 0;

  constructor(facts: PageFacts) {
    this.#facts = facts;
    this.#network = this.#networkBefore = this.#published();
    this.#say();
  }

  get network(): Task["network"] {
    return this.#network;
  }

  file(side: Side): ChosenFile | undefined {
    return this.#files[side];
  }

  /** The chosen photograph of that number. */
  withId(id: number): ChosenFile | undefined {
    return Object.values(this.#files).find((file) => file.id === id);
  }

  /** Sides for which no photograph was chosen. */
  get missing(): Side[] {
    return sides.filter((side) => this.#files[side] === undefined);
  }

  putPhotograph(side: Side, name: string, file: Blob): void {
    const before = this.#files[side];
    if (before !== undefined) this.#before[side] = before;
    this.#files[side] = { id: ++this.#ids, name, file };
    this.#say();
  }

  putNetwork(name: string, file: Blob): void {
    this.#networkBefore = this.#network;
    this.#network = { id: ++this.#ids, name, file };
    this.#say();
  }

  /** Goes back to the network that comes with the page. */
  putPublishedNetwork(): void {
    this.#network = this.#published();
    this.#say();
  }

  /** Takes back the choice that could not be read, in favour of the one before. */
  takeBack(fault: Fault): void {
    if (fault === "left" || fault === "right") {
      const before = this.#before[fault];
      delete this.#before[fault];
      if (before === undefined) delete this.#files[fault];
      else this.#files[fault] = before;
    }
    if (fault === "network") this.#network = this.#networkBefore;
    this.#say();
  }

  /** Whether a photograph is chosen, or may be again. */
  holds(id: number): boolean {
    return [this.#files, this.#before]
      .some((files) => Object.values(files).some((file) => file.id === id));
  }

  #published(): Task["network"] {
    const url = new URL(networkFile, document.baseURI).href;
    return { id: 0, name: this.#facts.network.name, url };
  }

  /** Writes the names into the page. */
  #say(): void {
    for (const side of sides) {
      element(`${side}-name`, HTMLSpanElement).textContent =
        this.#files[side]?.name ?? "none yet";
    }
    element("network-name", HTMLSpanElement).textContent = this.#network.name;
    element("published", HTMLButtonElement).hidden = this.#network.id === 0;
  }
}
