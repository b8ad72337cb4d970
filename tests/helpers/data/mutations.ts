import { RandomStream } from "../../../data/random.ts";

/** The bytes with one to four random changes, and now and then cut short, doubled or emptied in places. */
export function mutate(bytes: Uint8Array, number: number): Uint8Array {
  const stream = new RandomStream(number, "mutation");
  let mutated = bytes.slice();
  for (
    let changes = 1 + stream.integer(4);
    changes > 0 && mutated.length > 0;
    changes--
  ) {
    mutated[stream.integer(mutated.length)] = stream.integer(256);
  }
  const at = stream.integer(mutated.length + 1);
  const kind = stream.integer(8);
  if (kind === 0) mutated = mutated.slice(0, at);
  if (kind === 1) {
    mutated = new Uint8Array([
      ...mutated.slice(0, at),
      ...mutated.slice(at >> 1),
    ]);
  }
  if (kind === 2) {
    mutated = new Uint8Array([
      ...mutated.slice(0, at >> 1),
      ...mutated.slice(at),
    ]);
  }
  return mutated;
}
