import type { DeviceClass } from "../device_class.ts";
import { isCandidate } from "./tile_candidates.ts";
import { type Tile, type TileChoice, tilesOfClass } from "../tiles.ts";
import { tunedKernelsOf } from "./tuned_kernels.ts";

/** A choice of tiles as JSON holds it: by the names of the kernels' work. */
export type StoredTiles = {
  [name: string]: { size: number[]; group: number; shared?: number[] };
};

/** A choice for a file. */
export function storedTiles(choice: TileChoice): StoredTiles {
  return Object.fromEntries(
    Array.from(choice, ([name, { size, group, shared }]) => [
      name,
      {
        size: [...size],
        group,
        ...(shared === undefined ? {} : { shared: [...shared] }),
      },
    ]),
  );
}

/**
 * The choice that a file holds.
 *
 * @returns undefined unless it names only tiles that might have been chosen on a device of this class
 */
export function chosenTiles(
  stored: unknown,
  deviceClass: DeviceClass,
): TileChoice | undefined {
  if (typeof stored !== "object" || stored === null) return undefined;
  const kernels = tunedKernelsOf(tilesOfClass[deviceClass]);
  const choice = new Map<string, Tile>();
  for (const [name, value] of Object.entries(stored)) {
    const known = kernels.find((kernel) => kernel.name === name);
    if (known === undefined || !isTile(value)) return undefined;
    if (!isCandidate(deviceClass, known.kernel, known.shape, value)) {
      return undefined;
    }
    choice.set(name, value);
  }
  return choice;
}

function isTile(value: unknown): value is Tile {
  const { size, group, shared = [] } = Object(value);
  return [size, shared].every((numbers) =>
    Array.isArray(numbers) && numbers.every(Number.isInteger)
  ) && Number.isInteger(group);
}
