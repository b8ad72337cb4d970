import type { Norm } from "../metrics/distance.ts";
import { type Figure, meanFigure } from "../metrics/figure.ts";
import { matchingFigure, nearestRows } from "../metrics/matching.ts";
import type { DescriptorFolder } from "./descriptor_folder.ts";
import {
  type MatchingMeasures,
  noiseNames,
  noises,
  type TieWatch,
} from "./measures.ts";
import type { TaskObserver } from "./observer.ts";

/**
 * HPatches image matching: mean average precision over the sequences and their five images at each noise level, and the
 * mean of the three levels.
 *
 * @param sequences the split's test sequences, loaded in the folder
 */
export function evaluateMatching(
  folder: DescriptorFolder,
  sequences: readonly string[],
  norm: Norm,
  ties: TieWatch,
  onSequence: (done: number, total: number) => void,
  observer: TaskObserver = {},
): MatchingMeasures {
  const figures: Record<string, Figure[]> = { easy: [], hard: [], tough: [] };
  for (const [index, name] of sequences.entries()) {
    const { byType } = folder.sequence(name);
    const reference = byType.get("ref")!;
    for (const noise of noiseNames) {
      for (let image = 1; image <= 5; image++) {
        const other = byType.get(`${noises[noise]}${image}`)!;
        const nearest = nearestRows(reference, other, norm);
        const figure = matchingFigure(nearest);
        figures[noise].push(figure);
        observer.onMatching?.({
          sequence: name,
          noise,
          image,
          figure,
          nearest,
        });
      }
    }
    onSequence(index + 1, sequences.length);
  }
  const [easy, hard, tough] = noiseNames.map((noise) =>
    ties.value(`mAP of ${noise}`, meanFigure(figures[noise]))
  );
  return { easy, hard, tough, mean: (easy + hard + tough) / 3 };
}
