import { filesIn, type Room } from "./room.ts";

/** Rooms of `data/`. From top to bottom. */
export const dataRooms: readonly Room[] = [
  {
    name: "data face",
    holds: ["data/mod.ts"],
    see: [
      "photographs",
      "published sets",
      "other programs' files",
      "exchange names",
      "tensor files",
      "descriptor files",
      "image pair files",
      "patches",
      "images",
      "data tools",
    ],
  },
  {
    name: "other programs' files",
    holds: "data/exchange",
    see: [
      "exchange names",
      "images",
      "data tools",
      "conventions",
      "geometry",
      "features base",
    ],
  },
  {
    // Plain data, so that commands may list the names without loading what writes the files.
    name: "exchange names",
    holds: ["data/exchange/format_names.ts"],
    see: [],
    selfContained: true,
  },
  {
    name: "photographs",
    holds: "data/photographs",
    see: [
      "patches",
      "images",
      "data tools",
      "keypoints",
      "matching",
      "patch cutting",
      "planes",
      "geometry",
      "features base",
    ],
  },
  {
    name: "published sets",
    holds: "data/published",
    see: ["patches", "images", "archives", "data tools"],
  },
  {
    name: "tensor files",
    holds: "data/tensors",
    see: ["archives", "data tools"],
  },
  { name: "descriptor files", holds: "data/csv", see: ["data tools"] },
  {
    name: "image pair files",
    holds: "data/image_pairs",
    see: ["images", "data tools"],
  },
  { name: "patches", holds: "data/patches", see: ["data tools"] },
  { name: "images", holds: "data/images", see: ["data tools"] },
  { name: "archives", holds: "data/archives", see: ["data tools"] },
  {
    // Of use to whoever talks to other programs as well: waiting, bytes of other formats.
    name: "data tools",
    holds: [
      ...filesIn(
        "data",
        "by_products errors file_starts json_text link_targets pause random read_bytes text_lines transfer_bound transfer_watch whole_file worker_pool worker_tasks",
      ),
      "data/protobuf",
    ],
    see: [],
  },
];
