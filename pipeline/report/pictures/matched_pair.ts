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

type ShownPair = Findings["shown_pairs"][number];

/** A pair of images with the matches of each descriptor below each other, right ones in one colour and wrong ones in another. */
export function matchedPair(shown: ShownPair): string {
  const rows = matchedRows(shown);
  const rowHeight = rowSize(shown).height + captionHeight + gap;
  const title = titleOf(shown);
  return picture(
    rowSize(shown).width,
    titleHeight + rows.length * rowHeight,
    title,
    label(0, 20, title, { "font-size": 15, "font-weight": 600 }),
    imagesOf(shown),
    ...rows.map(({ caption, lines }, row) => {
      const y = titleHeight + row * rowHeight;
      return label(0, y + 20, caption, { "font-size": 13 }) +
        `<g transform="translate(0 ${y + captionHeight})">${lines}</g>`;
    }),
  );
}

/** The rows of {@linkcode matchedPair} as pictures of their own, for a page that has the captions as its own text. */
export function matchedPairRows(
  shown: ShownPair,
): { title: string; rows: { caption: string; svg: string }[] } {
  const { width, height } = rowSize(shown);
  const rows = matchedRows(shown).map(({ caption, lines }, row) => ({
    caption,
    // The first picture has the images of all.
    svg: picture(
      width,
      height,
      caption,
      row === 0 ? imagesOf(shown) : "",
      lines,
    ),
  }));
  return { title: titleOf(shown), rows };
}

function titleOf({ set, sequence }: ShownPair): string {
  return `A pair of ${set} (${sequence}) and its matches`;
}

function rowSize({ left, right }: ShownPair) {
  return {
    width: left.width + gap + right.width,
    height: Math.max(left.height, right.height),
  };
}

function imagesOf({ left, right }: ShownPair): string {
  return element(
    "defs",
    {},
    ...([["left", left], ["right", right]] as const).map(
      ([side, { width, height, png }]) =>
        element("image", {
          id: `matched-pair-${side}`,
          width,
          height,
          href: `data:image/png;base64,${png}`,
        }),
    ),
  );
}

function matchedRows(
  shown: ShownPair,
): { caption: string; lines: string }[] {
  const rightStart = shown.left.width + gap;
  return Object.entries(shown.matches).map(([descriptor, matches]) => {
    const good = matches.filter(([, , , , isRight]) => isRight).length;
    const caption = `${
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
    const lines = element("use", { href: "#matched-pair-left" }) +
      element("use", { href: "#matched-pair-right", x: rightStart }) +
      matchLines(drawn, 0, rightStart);
    return { caption, lines };
  });
}

/** What the rows are called. */
const captions: Record<string, string> = {
  untrained: "before training",
  trained: "after training",
};
