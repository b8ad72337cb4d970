import { patchTypes } from "../../../data/patches/hpatches_layout.ts";
import { encodePng } from "../../../data/images/png.ts";
import type { PackedFile } from "./archives.ts";
import { collage, encodeGreyBmp } from "./test_images.ts";

const encoder = new TextEncoder();

/** Files of a PhotoTour-shaped set of one sheet: `points` places, two patches of each. */
export function photoTourFiles(points: number, seed: number): PackedFile[] {
  const labels = Array.from({ length: 2 * points }, (_, i) => i >> 1);
  const pairs = labels.map((label, patch) => {
    const other = (patch + 1) % labels.length;
    return `${patch} ${label} 0 ${other} ${labels[other]} 0\n`;
  });
  return [
    {
      name: "patches0000.bmp",
      bytes: encodeGreyBmp(collage(1024, 1024, seed)),
    },
    {
      name: "info.txt",
      bytes: encoder.encode(labels.map((label) => `${label} 0\n`).join("")),
    },
    {
      name: "m50_100000_100000_0.txt",
      bytes: encoder.encode(pairs.join("")),
    },
    { name: "interest.txt", bytes: encoder.encode("not needed\n") },
  ];
}

/** Files of an HPatches-shaped release: one strip height for all. */
export function hpatchesFiles(
  sequences: readonly string[],
  patches: number,
): PackedFile[] {
  return sequences.flatMap((sequence, index) =>
    patchTypes.map((type, place) => ({
      name: `${sequence}/${type}.png`,
      bytes: encodePng(collage(65, 65 * patches, 100 * index + place)),
    }))
  );
}

/** Task files of a split `a` over the sequences, with what else lies in the benchmark's repository. */
export function taskFiles(
  sequences: readonly string[],
  patches: number,
): PackedFile[] {
  const rows = sequences.flatMap((sequence) =>
    Array.from({ length: patches }, (_, patch) => ({ sequence, patch }))
  );
  const pairs = (shift: number) =>
    rows.map(({ sequence, patch }, index) => {
      const other = rows[(index + shift) % rows.length];
      return `${sequence},0,${patch},${other.sequence},1,${other.patch}\n`;
    }).join("");
  const queries = rows.map(({ sequence, patch }) => `${sequence},${patch}\n`)
    .join("");
  const text = (name: string, content: string) => ({
    name,
    bytes: encoder.encode(content),
  });
  const header = "s1,t1,idx1,s2,t2,idx2\n";
  return [
    text("README.md", "# benchmark\n"),
    text(
      "tasks/splits/splits.json",
      JSON.stringify({ a: { name: "a", test: sequences } }),
    ),
    text("tasks/verif_pos_split-a.csv", header + pairs(0)),
    text("tasks/verif_neg_intra_split-a.csv", header + pairs(1)),
    text("tasks/verif_neg_inter_split-a.csv", header + pairs(patches)),
    text("tasks/retr_queries_split-a.csv", "s,idx\n" + queries),
    text("tasks/retr_distractors_split-a.csv", "s,idx\n" + queries),
  ];
}
