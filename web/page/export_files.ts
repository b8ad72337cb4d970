import {
  matchesCsv,
  matchesJson,
  type NamedImage,
} from "../../pipeline/matching/match_texts.ts";
import type { MethodResult, Side } from "../messages.ts";
import { drawScene } from "./draw_scene.ts";
import { pictureSize } from "./picture_size.ts";
import { placePair } from "./placement.ts";
import { linesOf, type Scene } from "./scene.ts";

/** What the page makes itself of what it shows; files with descriptors the worker makes. */
export const exportNames = ["png", "csv", "json"] as const;

/** A kind of export. */
export type ExportName = typeof exportNames[number];

/** What an export is made of. */
export interface Exported {
  scene: Scene;
  result: MethodResult;
  network: { file: string; sha256: string };
}

/** Longest side of the exported picture. */
const mostPicturePixels = 4096;

/** The file of an export, and what it is called. */
export async function exportFile(
  name: ExportName,
  exported: Exported,
): Promise<{ file: Blob; name: string }> {
  const { scene, result, network } = exported;
  const left = imageOf(scene, "left");
  const right = imageOf(scene, "right");
  const text = (name: string, text: string, type: string) => ({
    file: new Blob([text], { type }),
    name,
  });
  switch (name) {
    case "png":
      return { file: await picture(scene), name: "matches.png" };
    case "csv":
      return text("matches.csv", matchesCsv(left, right, result), "text/csv");
    case "json":
      return text(
        "matches.json",
        matchesJson(left, right, result, network),
        "application/json",
      );
  }
}

/** Hands a file to the visitor. */
export function saveFile({ file, name }: { file: Blob; name: string }): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // Browsers take the bytes after the click, and not all at once.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function imageOf(scene: Scene, side: Side): NamedImage {
  const { name, width, height, keypoints } = scene[side];
  return {
    file: name,
    width,
    height,
    keypoints: keypoints.slice(0, scene.counts[side]),
  };
}

/** Both photographs in the size in which they are shown at most, with the lines. */
async function picture(scene: Scene): Promise<Blob> {
  const { left, right } = scene;
  const wide = 2 * Math.max(left.bitmap.width, right.bitmap.width);
  const size = pictureSize(left, right, wide, mostPicturePixels);
  const canvas = new OffscreenCanvas(size.width, size.height);
  const placement = placePair(left, right, size);
  const context = canvas.getContext("2d")!;
  drawScene(context, scene, placement, linesOf(scene, placement), { zoom: 1 });
  return await canvas.convertToBlob({ type: "image/png" });
}
