import { type DescriptorRows, distanceTile } from "./distance.ts";
import { stableOrder } from "./ranking.ts";

/** Average precision of one image's matches by their ratio, twice. */
export interface RatioPrecision {
  /** with the nearest negative of every anchor */
  precision: number;
  /** with the negatives that the benchmark's program takes, so that figures can be compared with its published ones */
  asPublished: number;
}

/** Anchors whose distances are in memory at once; also those that the benchmark's program takes at once. */
const anchorsAtOnce = 128;
/** Up to so many patches of an image that program looks for no nearest negative. */
const mostUnsearched = 1000;

/**
 * Average precision of an image's matches by the second-nearest-neighbour ratio, as UBC PhotoTour Revisited has it.
 *
 * Every ordered pair of two patches of one label is a match, at distance p; n is the distance of the pair's first patch to the nearest
 * patch of another label. The pair is right where p ≤ n; pairs are ranked by min(p, n)/max(p, n), smallest first, 0/0 as 1, and pairs
 * of one ratio count as one step. Distances are Euclidean, in float64.
 *
 * The benchmark's program takes the first patch of the image in place of the nearest negative where an image has up to 1,000 patches,
 * and for the last patches that do not fill 128; `asPublished` does the same.
 *
 * @param labels [rows]
 * @returns undefined when no two rows have one label, or all have
 */
export function ratioAveragePrecision(
  rows: DescriptorRows,
  labels: Uint32Array,
): RatioPrecision | undefined {
  const count = labels.length;
  const byLabel = Map.groupBy(labels.keys(), (row) => labels[row]);
  const lists = [...byLabel.values()];
  const pairs = lists.reduce((sum, { length }) => sum + length ** 2, -count);
  if (pairs === 0 || lists.length === 1) return undefined;
  const searched = count > mostUnsearched
    ? Math.floor(count / anchorsAtOnce) * anchorsAtOnce
    : 0;
  const ours = new RankedPairs(pairs);
  const published = new RankedPairs(pairs);
  const squares = new Float64Array(anchorsAtOnce * count);
  for (let start = 0; start < count; start += anchorsAtOnce) {
    const anchors = Math.min(anchorsAtOnce, count - start);
    distanceTile(rows, start, anchors, rows, 0, count, "L2", squares);
    for (let anchor = start; anchor < start + anchors; anchor++) {
      const at = (anchor - start) * count;
      const nearest = nearestNegative(squares, at, anchor, labels);
      const taken = anchor < searched ? nearest : squares[at];
      for (const other of byLabel.get(labels[anchor])!) {
        if (other === anchor) continue;
        ours.add(squares[at + other], nearest);
        published.add(squares[at + other], taken);
      }
    }
  }
  return {
    precision: ours.averagePrecision(),
    asPublished: published.averagePrecision(),
  };
}

/** Square of the distance to the nearest row of another label. */
function nearestNegative(
  squares: Float64Array,
  at: number,
  anchor: number,
  labels: Uint32Array,
): number {
  let nearest = Infinity;
  for (let other = 0; other < labels.length; other++) {
    if (labels[other] !== labels[anchor] && squares[at + other] < nearest) {
      nearest = squares[at + other];
    }
  }
  return nearest;
}

/** Pairs with their ratios, and whether each is right. */
class RankedPairs {
  readonly #ratios: Float64Array;
  readonly #right: Uint8Array;
  #count = 0;

  constructor(pairs: number) {
    this.#ratios = new Float64Array(pairs);
    this.#right = new Uint8Array(pairs);
  }

  /** Adds a pair by the squares of its distances. */
  add(positive: number, negative: number): void {
    const [p, n] = [Math.sqrt(positive), Math.sqrt(negative)];
    const larger = Math.max(p, n);
    this.#ratios[this.#count] = larger === 0 ? 1 : Math.min(p, n) / larger;
    this.#right[this.#count++] = p <= n ? 1 : 0;
  }

  /** Σ over steps of equal ratios: right ones of the step · precision after it, divided by all right ones. */
  averagePrecision(): number {
    const order = stableOrder(this.#ratios);
    let [sum, right] = [0, 0];
    for (let start = 0, end = 0; start < order.length; start = end) {
      const ratio = this.#ratios[order[start]];
      const before = right;
      for (
        end = start;
        end < order.length && this.#ratios[order[end]] === ratio;
        end++
      ) {
        right += this.#right[order[end]];
      }
      sum += (right - before) * right / end;
    }
    return right === 0 ? 0 : sum / right;
  }
}
