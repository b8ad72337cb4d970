import { type Architecture, architecture } from "./architecture.ts";

/**
 * SDGMNet128: 1→32, 32→32, 32→64 stride 2, 64→64, 64→128 stride 2, 128→128, 8×8 head to 128; 1,336,355 parameters.
 * Source: HyNet's architecture as the authors use it.
 */
export const sdgmnet128: Architecture = architecture({
  name: "SDGMNet128",
  input: { frn: "features.0.0", tlu: "features.0.1" },
  body: [
    {
      convolution: "features.0.2",
      frn: "features.0.3",
      tlu: "features.0.4",
      outputChannels: 32,
      stride: 1,
    },
    {
      convolution: "features.1.0",
      frn: "features.1.1",
      tlu: "features.1.2",
      outputChannels: 32,
      stride: 1,
    },
    {
      convolution: "features.2.0",
      frn: "features.2.1",
      tlu: "features.2.2",
      outputChannels: 64,
      stride: 2,
    },
    {
      convolution: "features.3.0",
      frn: "features.3.1",
      tlu: "features.3.2",
      outputChannels: 64,
      stride: 1,
    },
    {
      convolution: "features.4.0",
      frn: "features.4.1",
      tlu: "features.4.2",
      outputChannels: 128,
      stride: 2,
    },
    {
      convolution: "features.5.0",
      frn: "features.5.1",
      tlu: "features.5.2",
      outputChannels: 128,
      stride: 1,
    },
  ],
  head: "features.6.1",
  batchNorm: "features.6.2",
});
