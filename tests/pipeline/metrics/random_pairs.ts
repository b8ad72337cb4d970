import { RandomStream } from "../../../data/random.ts";

/** Distances drawn from `levels` equally spaced values (few levels make many ties), and labels. */
export function randomPairs(seed: number, count: number, levels: number) {
  const stream = new RandomStream(seed, "pairs");
  const distances = new Float64Array(count);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    distances[i] = stream.integer(levels) / 8;
    labels[i] = stream.integer(2);
  }
  labels[0] = 1;
  labels[count - 1] = 0;
  return { distances, labels };
}

/** The same pairs in another order. */
export function shuffledPairs(
  seed: number,
  { distances, labels }: { distances: Float64Array; labels: Uint8Array },
) {
  const stream = new RandomStream(seed, "shuffle");
  const order = Array.from(distances, (_, i) => i);
  for (let i = order.length - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return {
    distances: Float64Array.from(order, (i) => distances[i]),
    labels: Uint8Array.from(order, (i) => labels[i]),
  };
}
