import {
  type Architecture,
  architecture,
} from "../../../gpu/nn/architecture.ts";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";

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

/** A network with three layers of one shape after each other at 16×16, and two at 8×8; for tests alone. */
export const deepNetwork: Architecture = architecture({
  ...sdgmnet128,
  name: "Deep",
  body: ([[32, 1], [64, 2], [64, 1], [64, 1], [64, 2], [64, 1]] as const).map(
    ([outputChannels, stride], layer) => ({
      ...sdgmnet128.body[layer],
      outputChannels,
      stride,
    }),
  ),
});
