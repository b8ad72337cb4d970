import type { PicturedMistake } from "../../evaluation/mistake_patches.ts";
import { element, label, picture, theme } from "./svg.ts";

const patch = { side: 84, gap: 12 };
const card = { width: 3 * patch.side + 2 * patch.gap + 36, height: 166 };
const columns = 3;
const margin = { left: 24, top: 72, bottom: 16 };

const roles = [
  { key: "query", title: "query", colour: theme.faint },
  { key: "taken", title: "nearest, wrong", colour: theme.wrong },
  { key: "right", title: "right", colour: theme.right },
] as const;

const note =
  "by how much nearer the wrong patch is; numbers are distances to the query";

/** The cards of {@linkcode mistakeSheet} one by one, for a page that places them as its width allows, and what stands above them. */
export function mistakeCards(
  title: string,
  mistakes: readonly PicturedMistake[],
): { title: string; note: string; cards: string[] } {
  const cards = mistakes.map((mistake) => {
    const { sequence, noise, image, patch } = mistake;
    return picture(
      card.width - 36,
      card.height - 20,
      `${sequence}, ${noise} ${image}, patch ${patch}`,
      drawCard(mistake),
    );
  });
  return { title, note, cards };
}

/** The hardest mistakes of matching as a sheet of cards: the query, the patch that was taken, and the right one. */
export function mistakeSheet(
  title: string,
  mistakes: readonly PicturedMistake[],
): string {
  const rows = Math.ceil(mistakes.length / columns);
  return picture(
    2 * margin.left + Math.min(columns, mistakes.length) * card.width - 36 +
      (mistakes.length < 2 ? 240 : 0),
    margin.top + rows * card.height + margin.bottom,
    title,
    label(margin.left, 26, title, { "font-size": 15, "font-weight": 600 }),
    label(
      margin.left,
      46,
      note,
      { fill: theme.faint },
    ),
    ...mistakes.map((mistake, index) => {
      const x = margin.left + index % columns * card.width;
      const y = margin.top + Math.floor(index / columns) * card.height;
      return `<g transform="translate(${x} ${y})">${drawCard(mistake)}</g>`;
    }),
  );
}

function drawCard(mistake: PicturedMistake): string {
  const { sequence, noise, image } = mistake;
  const captions = {
    query: `ref #${mistake.patch}`,
    taken: `#${mistake.taken}  ${mistake.takenDistance.toPrecision(3)}`,
    right: `#${mistake.patch}  ${mistake.rightDistance.toPrecision(3)}`,
  };
  const parts = [
    label(0, 10, `${sequence}, ${noise} ${image}`, { "font-weight": 600 }),
  ];
  roles.forEach(({ key, title, colour }, index) => {
    const x = index * (patch.side + patch.gap);
    parts.push(
      label(x, 28, title, { "font-size": 11, fill: colour }),
      element("image", {
        x,
        y: 34,
        width: patch.side,
        height: patch.side,
        href: `data:image/png;base64,${mistake.images[key]}`,
        "image-rendering": "pixelated",
      }),
      element("rect", {
        x,
        y: 34,
        width: patch.side,
        height: patch.side,
        fill: "none",
        stroke: colour,
        "stroke-width": 2.5,
      }),
      label(x, 34 + patch.side + 16, captions[key], {
        "font-size": 11,
        fill: theme.faint,
      }),
    );
  });
  return parts.join("");
}
