import { filesIn, ground, type Room } from "./room.ts";

/** Rooms of the pipeline below its commands. From top to bottom. */
export const pipelineRooms: readonly Room[] = [
  { name: "graph", holds: ["pipeline/graph.ts"], see: ["stages", "stage"] },
  {
    name: "stages",
    holds: "pipeline/stages",
    see: [
      ...ground,
      "report",
      "image pairs",
      "evaluation",
      "training",
      "descriptors",
      "sources",
      "stage",
      "adapter",
      "config",
      "gpu face",
      "data face",
    ],
    alone: true,
  },
  {
    name: "report",
    holds: ["pipeline/report", "pipeline/report/pictures"],
    see: [...ground, "evaluation", "metrics", "config", "data tools"],
  },
  {
    name: "image pairs",
    holds: "pipeline/evaluation/image_pairs",
    see: [
      ...ground,
      "descriptors",
      "evaluation",
      "metrics",
      "config",
      "features face",
      "data face",
    ],
  },
  {
    name: "phototour images",
    holds: "pipeline/evaluation/phototour_images",
    see: [...ground, "descriptors", "metrics", "config", "data face"],
  },
  {
    name: "sources",
    holds: "pipeline/sources",
    see: [...ground, "training", "stage", "config", "data face"],
  },
  {
    name: "training",
    holds: "pipeline/training",
    see: [
      ...ground,
      "training batches",
      "descriptors",
      "stage",
      "adapter",
      "config",
      "gpu face",
      "data face",
    ],
  },
  {
    // A thread of its own, which loads no face: a few modules, and it is there at once.
    name: "training batches",
    holds: "pipeline/training/batches",
    see: ["patches", "data tools", "gpu core"],
  },
  {
    name: "descriptors",
    holds: "pipeline/descriptors",
    see: [
      "features face",
      ...ground,
      "baselines",
      "metrics",
      "adapter",
      "config",
      "gpu face",
      "data face",
      "tensor files",
      "data tools",
    ],
  },
  {
    name: "evaluation",
    holds: "pipeline/evaluation",
    see: [...ground, "metrics", "config", "gpu face", "data face"],
  },
  { name: "baselines", holds: "pipeline/baselines", see: [] },
  { name: "metrics", holds: "pipeline/metrics", see: [], selfContained: true },
  {
    name: "adapter",
    holds: "pipeline/adapter",
    see: [...ground, "gpu face"],
  },
  {
    name: "slurm",
    holds: "pipeline/slurm",
    see: [...ground, "engine", "stage", "config", "data tools"],
  },
  {
    name: "remote",
    holds: "pipeline/remote",
    see: [...ground, "engine", "store", "data tools"],
  },
  {
    name: "engine",
    holds: "pipeline/engine",
    see: [...ground, "stage", "store", "code", "config", "data tools"],
  },
  {
    name: "stage",
    holds: ["pipeline/stage.ts"],
    see: [...ground, "config", "gpu face"],
  },
  {
    name: "store",
    holds: "pipeline/store",
    see: [...ground, "code", "config", "data tools"],
  },
  { name: "code", holds: "pipeline/code", see: ground },
  {
    name: "config",
    holds: ["pipeline/config.ts", "pipeline/config"],
    see: ["errors", "files", "network tables"],
  },
  { name: "files", holds: "pipeline/files", see: ["errors", "data tools"] },
  {
    name: "log",
    holds: filesIn("pipeline", "log progress_meter"),
    see: ["errors"],
  },
  {
    name: "errors",
    holds: [
      ...filesIn("pipeline", "errors suggest"),
      "pipeline/config/arguments.ts",
    ],
    see: [],
  },
];
