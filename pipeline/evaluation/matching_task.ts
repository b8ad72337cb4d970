import type { DescriptorRows } from "../metrics/distance.ts";
import { type Figure, meanFigure } from "../metrics/figure.ts";
import { matchingFigure } from "../metrics/matching.ts";
import { type Noise, noiseNames } from "./benchmark.ts";
import type { MatchingMeasures, TieWatch } from "./measures.ts";
import type { TaskObserver } from "./observer.ts";
import type { RowSearch } from "./row_search.ts";

/**
 * HPatches image matching: mean average precision over the sequences and their five images at each noise level, and the
 * mean of the three levels.
 */
export class MatchingTask {
  readonly #search: RowSearch;
  readonly #mostRows: number;
  readonly #observer: TaskObserver;
  readonly #figures: Record<Noise, Figure[]> = {
    easy: [],
    hard: [],
    tough: [],
  };

  /** @param mostRows patches of the sequence that has most */
  constructor(search: RowSearch, mostRows: number, observer: TaskObserver) {
    this.#search = search;
    this.#mostRows = mostRows;
    this.#observer = observer;
  }

  /**
   * Starts to match a sequence's reference image with its five images at one noise level.
   *
   * @returns what waits for the matches and takes their figures; sequences end in the order in which they started
   */
  async add(
    sequence: string,
    noise: Noise,
    reference: DescriptorRows,
    images: readonly DescriptorRows[],
  ): Promise<() => Promise<void>> {
    const search = this.#search;
    const decide = await search.nearest(reference, images, this.#mostRows);
    return async () => {
      for (const [index, nearest] of (await decide()).entries()) {
        const figure = matchingFigure(nearest);
        this.#figures[noise].push(figure);
        const image = index + 1;
        this.#observer.onMatching?.({
          sequence,
          noise,
          image,
          figure,
          nearest,
          reference,
          other: images[index],
        });
      }
    };
  }

  measures(ties: TieWatch): MatchingMeasures {
    const [easy, hard, tough] = noiseNames.map((noise) =>
      ties.value(`mAP of ${noise}`, meanFigure(this.#figures[noise]))
    );
    return { easy, hard, tough, mean: (easy + hard + tough) / 3 };
  }
}
