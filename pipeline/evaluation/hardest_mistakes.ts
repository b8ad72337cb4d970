import type * as v from "valibot";
import { type Norm, pairDistance } from "../metrics/distance.ts";
import type * as schema from "./findings_schema.ts";
import type { ImageMatches, TaskObserver } from "./observer.ts";

/** A reference patch whose nearest neighbour is another patch. */
export type Mistake = v.InferOutput<typeof schema.mistake>;

/** Mistakes of one sequence that are kept, so that one odd sequence does not fill the sheet. */
const mostOfSequence = 2;

/**
 * Collects the hardest mistakes of matching: wrong nearest neighbours by how much nearer they are than the right patch. A patch
 * is named once, at its worst image.
 */
export class MistakeCollector implements TaskObserver {
  readonly #norm: Norm;
  readonly #worst = new Map<string, Mistake[]>();

  constructor(norm: Norm) {
    this.#norm = norm;
  }

  onMatching(
    { sequence, noise, image, nearest, reference, other }: ImageMatches,
  ): void {
    const worst = this.#worst.get(sequence) ?? [];
    this.#worst.set(sequence, worst);
    for (let patch = 0; patch < nearest.correct.length; patch++) {
      if (nearest.correct[patch] === 1) continue;
      const own = pairDistance(reference, patch, other, patch, this.#norm);
      keep(worst, {
        sequence,
        noise,
        image,
        patch,
        taken: nearest.index[patch],
        rightDistance: this.#length(own),
        takenDistance: this.#length(nearest.distance[patch]),
      });
    }
  }

  /** The worst, hardest first. */
  hardest(count: number): Mistake[] {
    return [...this.#worst.values()].flat()
      .sort((a, b) => margin(b) - margin(a))
      .slice(0, count);
  }

  /** Distances are handled as squares where that saves a root. */
  #length(distance: number): number {
    return this.#norm === "L2" ? Math.sqrt(distance) : distance;
  }
}

function margin({ rightDistance, takenDistance }: Mistake): number {
  return rightDistance - takenDistance;
}

/** Puts a mistake into its place among the few that are kept of a sequence. */
function keep(worst: Mistake[], mistake: Mistake): void {
  const same = worst.findIndex(({ patch }) => patch === mistake.patch);
  if (same >= 0) {
    if (margin(worst[same]) >= margin(mistake)) return;
    worst.splice(same, 1);
  }
  worst.push(mistake);
  worst.sort((a, b) => margin(b) - margin(a));
  worst.length = Math.min(worst.length, mostOfSequence);
}
