import { matchingParts } from "../../pipeline/descriptors/describe_image.ts";
import type { MethodName, MethodResult, Side } from "../messages.ts";
import { element } from "./elements.ts";

/** How each method is called. */
export const methodTitles: Record<MethodName, string> = {
  network: "Network",
  rootsift: "RootSIFT",
};

const partTitles: Record<typeof matchingParts[number], string> = {
  keypoints: "finding keypoints",
  patches: "cutting patches",
  network: "describing",
  matching: "matching",
  geometry: "geometry",
};

/** Shows what each method found, and how long each part took; without counts, that there is nothing yet. */
export function showResults(
  methods: Partial<Record<MethodName, MethodResult>>,
  counts: Record<Side, number> | undefined,
): void {
  element("no-results", HTMLParagraphElement).hidden = counts !== undefined;
  const body = element("results", HTMLTableElement).tBodies[0];
  if (counts === undefined) {
    body.replaceChildren();
    return;
  }
  const entries = Object.entries(methods) as [MethodName, MethodResult][];
  const results = entries.map(([, result]) => result);
  const rows: [title: string, cells: string[], isMain?: boolean][] = [
    ["", entries.map(([name]) => methodTitles[name])],
    ["keypoints", results.map(() => `${counts.left} + ${counts.right}`)],
    ["matches", results.map(({ matches }) => String(matches.left.length))],
    ["agree", results.map(agreeing), true],
    ...matchingParts.map((part): [string, string[]] => [
      partTitles[part],
      results.map(({ times }) => timeText(times[part] ?? 0)),
    ]),
  ];
  body.replaceChildren(...rows.map(([title, cells, isMain], index) => {
    const row = document.createElement("tr");
    if (isMain || index === 0) row.className = "main";
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = title;
    row.append(
      head,
      ...cells.map((text) => {
        const cell = document.createElement("td");
        cell.textContent = text;
        return cell;
      }),
    );
    return row;
  }));
}

function agreeing({ matches, geometry }: MethodResult): string {
  if (geometry.kind === "none") return "–";
  const { length } = geometry.inliers;
  const count = matches.left.length;
  return count === 0
    ? "0"
    : `${length} (${Math.round(100 * length / count)} %)`;
}

/** `340 ms`, `2.1 s` */
export function timeText(timeMs: number): string {
  return timeMs < 1000
    ? `${Math.round(timeMs)} ms`
    : `${(timeMs / 1000).toFixed(1)} s`;
}
