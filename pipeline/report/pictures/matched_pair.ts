import { element, label, picture, theme } from "./svg.ts";
import type { Findings } from "../../evaluation/findings_schema.ts";

/** A match as a line from one image to the other, in pixels of the drawn images from their top left corners. */
export interface DrawnMatch {
  from: readonly [x: number, y: number];
  to: readonly [x: number, y: number];
  colour: string;
}

/** Lines of matches across two images side by side. */
export function matchLines(
  matches: readonly DrawnMatch[],
  top: number,
  rightStart: number,
): string {
  return matches.map(({ from, to, colour }) =>
    element("line", {
      x1: from[0],
      y1: top + from[1],
      x2: rightStart + to[0],
      y2: top + to[1],
      stroke: colour,
      "stroke-width": 1.2,
      "stroke-opacity": 0.75,
    })
  ).join("");
}

const gap = 12;
const captionHeight = 30;
const titleHeight = 36;

/** A pair of images with the matches of each descriptor below each other, right ones in one colour and wrong ones in another. */
export function matchedPair(shown: Findings["shown_pairs"][number]): string {
  const { left, right } = shown;
  const rightStart = left.width + gap;
  const rowHeight = Math.max(left.height, right.height) + captionHeight + gap;
  const rows = Object.entries(shown.matches);
  const title = `A pair of ${shown.set} (${shown.sequence}) and its matches`;
  const images = [["left", left], ["right", right]] as const;
  return picture(
    rightStart + right.width,
    titleHeight + rows.length * rowHeight,
    title,
    label(0, 20, title, { "font-size": 15, "font-weight": 600 }),
    element(
      "defs",
      {},
      ...images.map(([side, { width, height, png }]) =>
        element("image", {
          id: `matched-pair-${side}`,
          width,
          height,
          href: `data:image/png;base64,${png}`,
        })
      ),
    ),
    ...rows.map(([descriptor, matches], row) => {
      const y = titleHeight + row * rowHeight;
      const top = y + captionHeight;
      const good = matches.filter(([, , , , isRight]) => isRight).length;
      const text = `${
        captions[descriptor] ?? descriptor
      }: ${good} of ${matches.length} matches are right (green)`;
      // Wrong ones last: they are what spoils an estimate.
      const drawn = [true, false].flatMap((wanted) =>
        matches.filter(([, , , , isRight]) => isRight === wanted)
          .map(([x, y, u, v]): DrawnMatch => ({
            from: [x, y],
            to: [u, v],
            colour: wanted ? theme.right : theme.wrong,
          }))
      );
      return [
        label(0, y + 20, text, { "font-size": 13 }),
        element("use", { href: "#matched-pair-left", x: 0, y: top }),
        element("use", { href: "#matched-pair-right", x: rightStart, y: top }),
        matchLines(drawn, top, rightStart),
      ].join("");
    }),
  );
}

/** What the rows are called. */
const captions: Record<string, string> = {
  untrained: "before training",
  trained: "after training",
};
