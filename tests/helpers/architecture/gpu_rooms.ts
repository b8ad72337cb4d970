import { filesIn, type Room } from "./room.ts";

/** Rooms of `gpu/`. From top to bottom. */
export const gpuRooms: readonly Room[] = [
  {
    name: "gpu face",
    holds: ["gpu/mod.ts"],
    see: [
      "random numbers",
      "tuning",
      "networks",
      "network tables",
      "loss operations",
      "operations",
      "gpu core",
      "gpu base",
    ],
    selfContained: true,
  },
  {
    // Runs the networks' operations to measure them.
    name: "tuning",
    holds: "gpu/tuning",
    see: [
      "random numbers",
      "networks",
      "network tables",
      "normalized convolutions",
      "operations",
      "gpu core",
      "gpu base",
      "shaders",
    ],
    selfContained: true,
  },
  {
    // What each kernel has to do, beside it and in no stage's key: only what measures reads it.
    name: "kernel costs",
    holds: "gpu/costs",
    see: ["gpu core", "gpu base"],
    selfContained: true,
  },
  {
    name: "compiling",
    holds: "gpu/compiling",
    see: ["gpu core", "gpu base"],
    selfContained: true,
  },
  {
    name: "networks",
    holds: ["gpu/nn", "gpu/nn/inference", "gpu/nn/training"],
    see: [
      "compiling",
      "random numbers",
      "network tables",
      "optimizer operations",
      "loss operations",
      "normalized convolutions",
      "operations",
      "gpu core",
      "gpu base",
    ],
    selfContained: true,
  },
  {
    // Convolutions with the normalisation after them: one kernel where the device has it, else two operations.
    name: "normalized convolutions",
    holds: "gpu/ops/normalized",
    see: ["operations", "gpu core", "gpu base", "shaders"],
    selfContained: true,
  },
  {
    name: "operations",
    holds: ["gpu/ops", "gpu/ops/convolution", "gpu/ops/inference"],
    see: [
      "loss operations",
      "product operations",
      "random numbers",
      "network tables",
      "gpu core",
      "gpu base",
      "shaders",
    ],
    alone: true,
    selfContained: true,
  },
  {
    // Kernels that several operations dispatch.
    name: "product operations",
    holds: "gpu/ops/products",
    see: ["gpu core", "gpu base", "shaders"],
    selfContained: true,
  },
  {
    // The rule of each optimizer, and what they share.
    name: "optimizer operations",
    holds: "gpu/ops/optimizers",
    see: ["gpu core", "gpu base", "shaders"],
    selfContained: true,
  },
  {
    // The terms of each loss, and what losses share.
    name: "loss operations",
    holds: "gpu/ops/losses",
    see: ["network tables", "gpu core", "gpu base", "shaders"],
    selfContained: true,
  },
  {
    // What networks and losses there are, as plain data: it touches no device, so that configs may choose from it.
    name: "network tables",
    holds: [
      ...filesIn(
        "gpu/nn",
        "architecture losses networks optimizers sdgmnet128",
      ),
      ...filesIn(
        "gpu/nn/inference",
        "batch_norm_body hardnet inference_network inference_networks l2net sosnet tfeat",
      ),
    ],
    see: ["gpu base"],
    selfContained: true,
  },
  {
    name: "gpu core",
    holds: [
      ...filesIn(
        "gpu",
        "activation augmentation bind_groups convolution_weights kernel labelled_descriptors memory_probe normalization random recorder staging tensor tensor_checks winograd",
      ),
      "gpu/sums/accumulate.ts",
      ...filesIn("gpu/rows", "row_texture row_tiles row_values"),
    ],
    see: ["random numbers", "gpu base", "shaders"],
    selfContained: true,
  },
  {
    // Without a shader, so that features/ draws as the kernels do.
    name: "random numbers",
    holds: ["gpu/random_bits.ts"],
    see: [],
    selfContained: true,
  },
  {
    name: "gpu base",
    holds: [
      ...filesIn(
        "gpu",
        "convolution device device_class element_type errors tiles wgsl whole_map_tiles",
      ),
      "gpu/tiles",
    ],
    see: [],
    selfContained: true,
  },
  {
    name: "shaders",
    holds: [
      "convolution",
      "inference",
      "lib",
      "lib/outputs",
      "loss",
      "normalization",
      "optimizer",
      "patches",
      "search",
      "second_order",
      "winograd",
    ].map((folder) => `gpu/wgsl/${folder}`),
    see: [],
  },
];
