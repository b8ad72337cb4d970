import type { DescriptorName } from "../../config/descriptor_names.ts";

/** Attributes of an element; numbers are written with two decimals at most. */
export type Attributes = Record<string, string | number>;

/** Characters that no XML document may hold. */
// deno-lint-ignore no-control-regex
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** The text with the characters that mean something in XML replaced, and those that it cannot hold. */
export function escapeXml(text: string): string {
  return text.toWellFormed().replace(unwritable, "\ufffd")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** A number as short as a picture needs it. */
export function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** An element with children that are XML already. */
export function element(
  name: string,
  attributes: Attributes,
  ...children: string[]
): string {
  const list = Object.entries(attributes).map(([key, value]) =>
    ` ${key}="${typeof value === "number" ? short(value) : escapeXml(value)}"`
  ).join("");
  return children.length === 0
    ? `<${name}${list}/>`
    : `<${name}${list}>${children.join("")}</${name}>`;
}

/** A line of text. */
export function label(
  x: number,
  y: number,
  text: string,
  attributes: Attributes = {},
): string {
  return element("text", { x, y, ...attributes }, escapeXml(text));
}

/** A straight line. */
export function rule(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  attributes: Attributes,
): string {
  return element("line", { x1, y1, x2, y2, ...attributes });
}

/** A line through points. */
export function polyline(
  points: readonly (readonly [x: number, y: number])[],
  attributes: Attributes,
): string {
  const path = points.map(([x, y]) => `${short(x)},${short(y)}`).join(" ");
  return element("polyline", { points: path, fill: "none", ...attributes });
}

/** A whole picture on white, with a title for those who cannot see it. */
export function picture(
  width: number,
  height: number,
  title: string,
  ...children: string[]
): string {
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${short(width)} ${short(height)}`,
      width,
      height,
      role: "img",
      "font-family":
        "Inter, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif",
      "font-size": 12,
      fill: theme.ink,
    },
    element("title", {}, escapeXml(title)),
    element("rect", { width, height, fill: theme.paper }),
    ...children,
  );
}

/** Colours that all pictures share. */
export const theme = {
  paper: "#ffffff",
  ink: "#1f2430",
  faint: "#5c6475",
  grid: "#e3e6ec",
  axis: "#9aa1af",
  published: "#7a5195",
  right: "#00795a",
  wrong: "#c2410c",
};

/** Colours that stay apart for every kind of colour vision (Okabe and Ito). */
const descriptorColours: Record<DescriptorName, string> = {
  trained: "#0072b2",
  untrained: "#8a8f99",
  meanstd: "#cc79a7",
  pixels: "#e69f00",
  sift: "#56b4e9",
  rootsift: "#009e73",
};

/** The colour of a descriptor, the same in every picture; ink for what another release of the program named. */
export function colourOf(descriptor: string): string {
  const colours: Record<string, string | undefined> = descriptorColours;
  return colours[descriptor] ?? theme.ink;
}

/** Width of a chart that fits a phone, in pixels. */
export const narrowWidth = 360;
