import { dirname } from "@std/path";
import { dataRooms } from "./data_rooms.ts";
import { entryRooms } from "./entry_rooms.ts";
import { featuresRooms } from "./features_rooms.ts";
import { gpuRooms } from "./gpu_rooms.ts";
import { pipelineRooms } from "./pipeline_rooms.ts";
import type { Room } from "./room.ts";

/** Every room, from top to bottom. A file that none holds has no place. */
const rooms: readonly Room[] = [
  ...entryRooms,
  ...pipelineRooms,
  ...gpuRooms,
  ...dataRooms,
  ...featuresRooms,
];

/** Name of the room that holds a file; undefined when none does. */
export function roomOf(path: string): string | undefined {
  return findRoom(path)?.name;
}

/** Names of the rooms, from top to bottom. */
export const roomNames: readonly string[] = rooms.map(({ name }) => name);

/** Names of the rooms that hold no file of the list. */
export function emptyRooms(paths: readonly string[]): string[] {
  return rooms.map(({ name }) => name)
    .filter((name) => !paths.some((path) => roomOf(path) === name));
}

/** A file that a room names is of that room, whichever holds its folder. */
export function findRoom(path: string): Room | undefined {
  const holder = (place: string) =>
    rooms.find(({ holds }) => [holds].flat().includes(place));
  return holder(path) ?? holder(dirname(path));
}
