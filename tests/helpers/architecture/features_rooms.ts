import { filesIn, type Room } from "./room.ts";

/** Rooms of `features/`. From top to bottom. */
export const featuresRooms: readonly Room[] = [
  {
    name: "features face",
    holds: ["features/mod.ts"],
    see: [
      "keypoints",
      "matching",
      "conventions",
      "patch cutting",
      "planes",
      "geometry",
      "features base",
    ],
    selfContained: true,
  },
  {
    name: "keypoints",
    holds: "features/keypoints",
    see: ["planes", "features base"],
    selfContained: true,
  },
  {
    name: "matching",
    holds: "features/matching",
    see: [],
    selfContained: true,
  },
  {
    name: "conventions",
    holds: "features/conventions",
    see: ["patch cutting", "features base"],
    selfContained: true,
  },
  {
    name: "patch cutting",
    holds: "features/patches",
    see: ["planes", "geometry", "features base"],
    selfContained: true,
  },
  {
    name: "planes",
    holds: "features/images",
    see: ["features base"],
    selfContained: true,
  },
  {
    name: "geometry",
    holds: "features/geometry",
    see: ["random numbers"],
  },
  {
    name: "features base",
    holds: filesIn("features", "errors keypoint"),
    see: [],
    selfContained: true,
  },
];
