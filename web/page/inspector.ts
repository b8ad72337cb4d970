import type { MethodResult } from "../messages.ts";
import { element } from "./elements.ts";
import type { ShownPhotograph } from "./scene.ts";

const patchSide = 64;
const distanceFromPointer = 16;

/** A card that shows the two patches of a match and what is known of it. */
export class Inspector {
  readonly #card = element("inspector", HTMLDivElement);
  readonly #facts = element("match-facts", HTMLDListElement);
  readonly #patches = {
    left: element("left-patch", HTMLCanvasElement),
    right: element("right-patch", HTMLCanvasElement),
  };
  readonly #announcement = element("announcement", HTMLParagraphElement);

  hide(): void {
    this.#card.hidden = true;
    this.#announcement.textContent = "";
  }

  /**
   * Shows a match beside a point.
   *
   * @param at pixels from the corner of the card's parent
   */
  show(
    match: number,
    { matches, geometry }: MethodResult,
    left: ShownPhotograph,
    right: ShownPhotograph,
    at: { x: number; y: number },
  ): void {
    const [a, b] = [
      left.keypoints[matches.left[match]],
      right.keypoints[matches.right[match]],
    ];
    const place = ({ x, y }: { x: number; y: number }) =>
      `${x.toFixed(1)}, ${y.toFixed(1)}`;
    const verdict = geometry.kind === "none" || geometry.matrix === null
      ? "no geometry"
      : geometry.inliers.includes(match)
      ? "yes"
      : "no";
    const facts: [name: string, value: string][] = [
      ["match", `${match + 1} of ${matches.left.length}`],
      ["distance", matches.distances[match].toFixed(3)],
      ["ratio", matches.ratios[match].toFixed(3)],
      ["agrees", verdict],
      ["left", place(a)],
      ["right", place(b)],
    ];
    this.#facts.replaceChildren(
      ...facts.flatMap(([name, value]) => {
        const [term, text] = ["dt", "dd"].map((tag) =>
          document.createElement(tag)
        );
        term.textContent = name;
        text.textContent = value;
        return [term, text];
      }),
    );
    this.#announcement.textContent = facts.map((fact) => fact.join(" "))
      .join("; ");
    this.#card.hidden = false;
    this.#moveTo(at);
  }

  /** Takes away the patches of the match before. */
  clearPatches(): void {
    for (const canvas of Object.values(this.#patches)) {
      canvas.getContext("2d")!.clearRect(0, 0, patchSide, patchSide);
    }
  }

  /** @param pixels u8 [64, 64] of each side */
  showPatches(pixels: { left: Uint8Array; right: Uint8Array }): void {
    for (const side of ["left", "right"] as const) {
      const data = new Uint8ClampedArray(4 * patchSide ** 2);
      pixels[side].forEach((value, at) => {
        data.fill(value, 4 * at, 4 * at + 3);
        data[4 * at + 3] = 255;
      });
      this.#patches[side].getContext("2d")!
        .putImageData(new ImageData(data, patchSide, patchSide), 0, 0);
    }
  }

  /** Beside the point, on the side where there is room. */
  #moveTo({ x, y }: { x: number; y: number }): void {
    const { offsetWidth: width, offsetHeight: height } = this.#card;
    const parent = this.#card.offsetParent;
    if (parent === null) return;
    const beside = (at: number, size: number, room: number) => {
      const after = at + distanceFromPointer;
      const place = after + size <= room
        ? after
        : at - distanceFromPointer - size;
      return Math.max(4, Math.min(room - size - 4, place));
    };
    const left = beside(x, width, parent.clientWidth);
    const top = beside(y, height, parent.clientHeight);
    this.#card.style.transform = `translate(${left}px, ${top}px)`;
  }
}
