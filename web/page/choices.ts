import {
  type ChosenFile,
  type Fault,
  type Side,
  sides,
  type Task,
} from "../messages.ts";
import { Choice } from "./choice.ts";

/** Number of the network that comes with the page. */
const publishedId = 0;

/** What a visitor chose: two photographs and a network. */
export class Choices {
  readonly #published: Task["network"];
  readonly #onChange: (choices: Choices) => void;
  readonly #photographs: Record<Side, Choice<ChosenFile>> = {
    left: new Choice(),
    right: new Choice(),
  };
  readonly #network: Choice<Task["network"]>;
  #ids = publishedId;

  /**
   * @param published the network that comes with the page
   * @param onChange told after every change, and at once
   */
  constructor(
    published: { name: string; url: string },
    onChange: (choices: Choices) => void,
  ) {
    this.#published = { id: publishedId, ...published };
    this.#network = new Choice(this.#published);
    this.#onChange = onChange;
    onChange(this);
  }

  get network(): Task["network"] {
    return this.#network.current ?? this.#published;
  }

  /** Whether the network is the one that comes with the page. */
  get hasPublishedNetwork(): boolean {
    return this.network.id === publishedId;
  }

  file(side: Side): ChosenFile | undefined {
    return this.#photographs[side].current;
  }

  /** The photograph of that number, as long as it is chosen or may be again. */
  withId(id: number): ChosenFile | undefined {
    return this.#photographs.left.find(id) ?? this.#photographs.right.find(id);
  }

  /** Sides for which no photograph was chosen. */
  get missing(): Side[] {
    return sides.filter((side) => this.file(side) === undefined);
  }

  putPhotograph(side: Side, name: string, file: Blob): void {
    this.#photographs[side].put({ id: ++this.#ids, name, file });
    this.#onChange(this);
  }

  putNetwork(name: string, file: Blob): void {
    this.#network.put({ id: ++this.#ids, name, file });
    this.#onChange(this);
  }

  /** Goes back to the network that comes with the page. */
  putPublishedNetwork(): void {
    this.#network.put(this.#published);
    this.#onChange(this);
  }

  /** Says that the photograph or network of that number can be read. */
  confirm(id: number): void {
    for (const choice of [...Object.values(this.#photographs), this.#network]) {
      choice.confirm(id);
    }
  }

  /**
   * Takes back the choice that could not be read, in favour of the newest before it that could.
   *
   * @returns whether something else is chosen now
   */
  takeBack(fault: Fault): boolean {
    if (fault === "gpu" || fault === "page") return false;
    const choice = fault === "network"
      ? this.#network
      : this.#photographs[fault];
    const isOther = choice.takeBack();
    if (isOther) this.#onChange(this);
    return isOther;
  }
}
