import { hardNet } from "./hardnet.ts";
import type { InferenceNetwork } from "./inference_network.ts";
import { l2Net } from "./l2net.ts";
import { sosNet } from "./sosnet.ts";
import { tFeat, tFeatOfSet } from "./tfeat.ts";

/** Every network that describes and is not trained here. HyNet is not among them: it is SDGMNet128, tensor by tensor. */
export const inferenceNetworks: readonly InferenceNetwork[] = [
  hardNet,
  sosNet,
  l2Net,
  tFeat,
  tFeatOfSet,
];
