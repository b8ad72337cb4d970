/** How matches between two photographs, and what is estimated from them, are measured. */

/**
 * Distances of right points from where a homography takes their left points, in pixels of the right photograph.
 *
 * @param homography [9] right ~ H·left, row by row
 * @param left [matches, 2]
 * @param right [matches, 2]
 * @returns [matches]; Infinity where H takes the left point to the horizon
 */
export function transferErrors(
  homography: ArrayLike<number>,
  left: ArrayLike<number>,
  right: ArrayLike<number>,
): Float64Array {
  return Float64Array.from({ length: left.length / 2 }, (_, match) => {
    const [x, y] = transfer(homography, left[2 * match], left[2 * match + 1]);
    const error = Math.hypot(x - right[2 * match], y - right[2 * match + 1]);
    return Number.isNaN(error) ? Infinity : error;
  });
}

/**
 * How many matches could be right: the number of left points that lie within `pixels` of a right point where a homography takes them, or
 * of right points that such a left one lies near, whichever is smaller. No one-to-one matching has more right matches.
 *
 * @param homography [9] right ~ H·left
 * @param left [points, 2]
 * @param right [points, 2]
 */
export function possibleMatches(
  homography: ArrayLike<number>,
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  pixels: number,
): number {
  const cells = new Map<string, number[]>();
  for (let point = 0; point < right.length / 2; point++) {
    const key = cellOf(right[2 * point], right[2 * point + 1], pixels).join();
    const members = cells.get(key);
    if (members === undefined) cells.set(key, [point]);
    else members.push(point);
  }
  const near = new Set<number>();
  let count = 0;
  for (let point = 0; point < left.length / 2; point++) {
    const [x, y] = transfer(homography, left[2 * point], left[2 * point + 1]);
    const [column, row] = cellOf(x, y, pixels);
    let found = false;
    for (let at = 0; at < 9; at++) {
      const key = `${column + at % 3 - 1},${row + Math.floor(at / 3) - 1}`;
      for (const other of cells.get(key) ?? []) {
        const error = Math.hypot(
          x - right[2 * other],
          y - right[2 * other + 1],
        );
        if (!(error <= pixels)) continue;
        found = true;
        near.add(other);
      }
    }
    if (found) count++;
  }
  return Math.min(count, near.size);
}

function cellOf(x: number, y: number, size: number): [number, number] {
  return [Math.floor(x / size), Math.floor(y / size)];
}

/**
 * Mean distance between where an estimated and the true homography take the four corners of the left photograph, whose
 * pixels' centres span (0, 0) to (width − 1, height − 1); pixels of the right photograph.
 *
 * @param estimated [9]
 * @param truth [9]
 * @param width of the left photograph in pixels
 * @param height of the left photograph in pixels
 */
export function cornerErrorPixels(
  estimated: ArrayLike<number>,
  truth: ArrayLike<number>,
  width: number,
  height: number,
): number {
  const right = width - 1, bottom = height - 1;
  const corners = [0, 0, right, 0, 0, bottom, right, bottom];
  const wanted = [0, 2, 4, 6].flatMap((at) =>
    transfer(truth, corners[at], corners[at + 1])
  );
  const errors = transferErrors(estimated, corners, wanted);
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

/**
 * Share of errors that are at most each threshold: over the matches of a pair its matching accuracy (the mean over pairs
 * is MMA), over image pairs their accuracy. All 0 where there are no errors.
 *
 * @param errors Infinity for what failed
 */
export function sharesWithin(
  errors: ArrayLike<number>,
  thresholds: readonly number[],
): number[] {
  const all = Array.from(errors);
  return thresholds.map((threshold) =>
    all.length === 0
      ? 0
      : all.filter((error) => error <= threshold).length / all.length
  );
}

/**
 * Area under the share of pairs over their error, from 0 to each threshold, over the threshold: the curve is straight
 * between the sorted errors, starts at (0, 0), and is level from the last error below the threshold on.
 *
 * @param errors one a pair, not negative; Infinity for a pair without a model
 * @returns fractions in [0, 1]; 0 where there are no errors
 */
export function areasUnderCurve(
  errors: ArrayLike<number>,
  thresholds: readonly number[],
): number[] {
  const sorted = Float64Array.from(errors).sort();
  return thresholds.map((threshold) => {
    let area = 0, lastError = 0, lastShare = 0;
    for (let i = 0; i < sorted.length && sorted[i] < threshold; i++) {
      const share = (i + 1) / sorted.length;
      area += (sorted[i] - lastError) * (share + lastShare) / 2;
      [lastError, lastShare] = [sorted[i], share];
    }
    return (area + (threshold - lastError) * lastShare) / threshold;
  });
}

/**
 * Mean average accuracy: the mean of the shares of pairs within 1, 2, … degrees (or pixels).
 *
 * @param errors Infinity for a pair without a model
 * @param most the last threshold, 10 for mAA(10°)
 */
export function meanAverageAccuracy(
  errors: ArrayLike<number>,
  most: number,
): number {
  const thresholds = Array.from({ length: most }, (_, i) => i + 1);
  return sharesWithin(errors, thresholds)
    .reduce((sum, share) => sum + share, 0) / most;
}

function transfer(
  h: ArrayLike<number>,
  x: number,
  y: number,
): [x: number, y: number] {
  const w = h[6] * x + h[7] * y + h[8];
  return [
    (h[0] * x + h[1] * y + h[2]) / w,
    (h[3] * x + h[4] * y + h[5]) / w,
  ];
}
