import { hpatchesTaskNames } from "../config/task_names.ts";
import { headlineFigure } from "../evaluation/figure_list.ts";
import type { Measures } from "../evaluation/measures.ts";
import {
  imagePairHeadlines,
  imagePairTitles,
  pairMeasureTitles,
  withArrow,
} from "./titles.ts";

/** The figure of a descriptor on a test set that stands for the others where room is short, as a fraction. */
export interface Headline {
  descriptor: string;
  /** with the set: `matching full ↑` */
  title: string;
  value: number;
}

/** What {@linkcode headlines} reads; pairs may lack figures, which another release did not write. */
export interface HeadlineMeasures {
  phototour: Record<
    string,
    Record<string, { fpr95?: number | undefined }>
  >;
  hpatches: Measures["hpatches"];
  image_pairs?: Measures["image_pairs"];
}

/** FPR95 of pairs, mean average precision of each task, and the headline figures of image pairs: those that were measured. */
export function headlines(
  { phototour, hpatches, image_pairs }: HeadlineMeasures,
): Headline[] {
  const found: Headline[] = [];
  const note = (descriptor: string, title: string, value?: number | null) => {
    if (value === undefined || value === null) return;
    found.push({ descriptor, title, value });
  };
  const { title: fpr95Title, better } = pairMeasureTitles.fpr95;
  for (const [set, descriptors] of Object.entries(phototour)) {
    const title = withArrow({ title: `${fpr95Title} ${set}`, better });
    for (const [descriptor, { fpr95 }] of Object.entries(descriptors)) {
      note(descriptor, title, fpr95);
    }
  }
  for (const [split, descriptors] of Object.entries(hpatches)) {
    for (const [descriptor, figures] of Object.entries(descriptors)) {
      for (const task of hpatchesTaskNames) {
        note(descriptor, `${task} ${split} ↑`, headlineFigure(task, figures));
      }
    }
  }
  for (const [set, descriptors] of Object.entries(image_pairs ?? {})) {
    for (const [descriptor, { figures }] of Object.entries(descriptors)) {
      for (const name of imagePairHeadlines) {
        note(descriptor, `${imagePairTitles[name]} ${set} ↑`, figures[name]);
      }
    }
  }
  return found;
}
