import type { KeypointUse, ShownPhotograph } from "../photographs_schema.ts";
import { colourOf, element, escapeXml, picture, short } from "./svg.ts";

/** What keypoints are for, in words, and their colour, which stands out from grey and from the others. */
const uses: Record<KeypointUse, { does: string; colour: string }> = {
  "training": { does: "train", colour: colourOf("sift") },
  "test pairs": { does: "make test pairs", colour: colourOf("pixels") },
  "test sequences": {
    does: "make test sequences",
    colour: colourOf("meanstd"),
  },
};

/** Keypoints are drawn as dots with a rim, so that they show on dark and on bright places. */
const dot = { width: 3, rim: 4.6, rimColour: "#000000" };

/** A photograph with its keypoints. */
export function keypointPicture(photograph: ShownPhotograph): string {
  const { name, drawn: { width, height, jpeg }, keypoints } = photograph;
  const groups = keypoints.map(({ use, places }) => {
    const d = places.map(([x, y]) => `M${short(x)} ${short(y)}h0`).join("");
    const path = { d, fill: "none", "stroke-linecap": "round" };
    return { colour: uses[use].colour, path };
  });
  // All rims first: where keypoints lie close together they would hide their neighbours.
  return picture(
    width,
    height,
    `${name} and its keypoints`,
    element("image", { width, height, href: `data:image/jpeg;base64,${jpeg}` }),
    ...groups.map(({ path }) =>
      element("path", {
        ...path,
        stroke: dot.rimColour,
        "stroke-width": dot.rim,
      })
    ),
    ...groups.map(({ path, colour }) =>
      element("path", { ...path, stroke: colour, "stroke-width": dot.width })
    ),
  );
}

/** Lines of HTML below the picture: what the photograph is for, and how many keypoints it gives. */
export function keypointCaption(photograph: ShownPhotograph): string {
  const { name, width, height, keypoints } = photograph;
  const trains = keypoints.some(({ use }) => use === "training");
  const isTested = keypoints.some(({ use }) => use !== "training");
  const role = trains && isTested
    ? "trains and is tested on"
    : trains
    ? "trains"
    : "held out";
  const lines = keypoints.map(({ use, count, places }) => {
    const { does, colour } = uses[use];
    const shown = places.length < count ? ` (${places.length} shown)` : "";
    return `<br><span class="dot" style="background:${colour}"></span> ${
      escapeXml(`${count.toLocaleString("en")} keypoints ${does}${shown}`)
    }`;
  });
  return `<b>${escapeXml(name)}</b> ${
    escapeXml(`${role}, ${width}×${height} pixels`)
  }${lines.join("")}`;
}
