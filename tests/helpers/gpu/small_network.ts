import {
  type Architecture,
  architecture,
} from "../../../gpu/nn/architecture.ts";

/** A network of three convolutions, none of whose gradients go by Winograd's method; for tests alone. */
export const smallNetwork: Architecture = architecture({
  name: "Small",
  input: { frn: "input.frn", tlu: "input.tlu" },
  body: [
    {
      convolution: "first.conv",
      frn: "first.frn",
      tlu: "first.tlu",
      outputChannels: 32,
      stride: 1,
    },
    {
      convolution: "second.conv",
      frn: "second.frn",
      tlu: "second.tlu",
      outputChannels: 32,
      stride: 2,
    },
    {
      convolution: "third.conv",
      frn: "third.frn",
      tlu: "third.tlu",
      outputChannels: 64,
      stride: 2,
    },
  ],
  head: "head",
  batchNorm: "norm",
});
