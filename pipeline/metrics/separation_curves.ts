/** A line through points, x[i] and y[i], fractions. */
export interface Line {
  x: number[];
  y: number[];
}

/** How well distances tell matching from non-matching pairs, at every threshold. */
export interface SeparationCurves {
  /** x = false positive rate, y = true positive rate */
  roc: Line;
  /** x = recall, y = precision, over the same pairs */
  precisionRecall: Line;
}

/** Points nearer than this to the last one drawn are left out: a pixel of a picture 300 pixels wide. */
const step = 1 / 300;

/** Steps of the false positive rate are kept by ratio, since it is drawn on a logarithmic axis: 40 points a decade. */
const stepRatio = 10 ** (1 / 40);

/** Digits that are kept. */
const digits = 5;

/**
 * ROC and precision-recall curve of two lists of distances, thinned to what a picture can show. Pairs of equal distance
 * pass the threshold together, so ties are one slanted step.
 *
 * @param matching distances of the matching pairs
 * @param nonMatching distances of the others
 * @throws {RangeError} when a list is empty
 */
export function separationCurves(
  matching: Float64Array,
  nonMatching: Float64Array,
): SeparationCurves {
  const matches = matching.slice().sort();
  const others = nonMatching.slice().sort();
  if (matches.length === 0 || others.length === 0) {
    throw new RangeError(`${matches.length} matches, ${others.length} others`);
  }
  const roc = new ThinnedLine((x, y, lastX, lastY) =>
    y - lastY >= step || x >= Math.max(lastX, 1 / others.length) * stepRatio
  );
  const precisionRecall = new ThinnedLine((x, y, lastX, lastY) =>
    x - lastX >= step || Math.abs(y - lastY) >= step
  );
  roc.add(0, 0);
  let matched = 0;
  let mistaken = 0;
  while (matched < matches.length || mistaken < others.length) {
    const distance = Math.min(
      matches[matched] ?? Infinity,
      others[mistaken] ?? Infinity,
    );
    while (matches[matched] === distance) matched++;
    while (others[mistaken] === distance) mistaken++;
    const recall = matched / matches.length;
    roc.add(mistaken / others.length, recall);
    precisionRecall.add(recall, matched / (matched + mistaken));
  }
  return { roc: roc.finish(), precisionRecall: precisionRecall.finish() };
}

/** A line that keeps a point when it is far enough from the last one kept, and the one before it, so that corners stay. */
class ThinnedLine {
  readonly #line: Line = { x: [], y: [] };
  readonly #isFar: (
    x: number,
    y: number,
    lastX: number,
    lastY: number,
  ) => boolean;
  #last: [x: number, y: number] | undefined;
  #skipped: [x: number, y: number] | undefined;

  constructor(
    isFar: (x: number, y: number, lastX: number, lastY: number) => boolean,
  ) {
    this.#isFar = isFar;
  }

  add(x: number, y: number): void {
    if (this.#last !== undefined && !this.#isFar(x, y, ...this.#last)) {
      this.#skipped = [x, y];
      return;
    }
    if (this.#skipped !== undefined) this.#keep(...this.#skipped);
    this.#keep(x, y);
    this.#last = [x, y];
    this.#skipped = undefined;
  }

  finish(): Line {
    if (this.#skipped !== undefined) this.#keep(...this.#skipped);
    return this.#line;
  }

  #keep(x: number, y: number): void {
    this.#line.x.push(Number(x.toPrecision(digits)));
    this.#line.y.push(Number(y.toPrecision(digits)));
  }
}
