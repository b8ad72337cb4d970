import { batchNormEpsilon } from "../ops/batch_norm.ts";
import { frnEpsilon } from "../ops/frn_tlu.ts";
import {
  type Architecture,
  type FrnTlu,
  headSize,
  patchSize,
} from "./architecture.ts";
import { foldNetwork } from "./inference/fold_network.ts";
import type {
  InferenceNetwork,
  PatchNormalization,
} from "./inference/inference_network.ts";
import type { NetworkState } from "./network_state.ts";
import { isInferenceNetwork, type KnownNetwork } from "./recognize_network.ts";

/** A step from the patches to the descriptors; names are those of the checkpoint's tensors without their last part. */
export type Layer =
  /** x · 1/√(mean_{h,w}(x²) + ε) · γ + β, then max(·, τ): tensors `{frn}.weight`, `{frn}.bias`, `{tlu}.tau` */
  | {
    kind: "frnTlu";
    frn: string;
    tlu: string;
    epsilon: number;
    /** rows and columns of its maps */
    size: number;
  }
  /** tensors `{name}.weight` and, with `bias`, `{name}.bias` */
  | {
    kind: "convolution";
    name: string;
    kernelSize: number;
    stride: number;
    padding: number;
    bias: boolean;
  }
  /** (x − mean)·scale of each patch [N, 1, size, size]; nothing is named */
  | { kind: "normalizePatch"; normalization: PatchNormalization; size: number }
  /** max(x, 0); named after the convolution before it */
  | { kind: "relu"; name: string }
  /** tanh(x) */
  | { kind: "tanh"; name: string }
  /** the largest of 2×2 values */
  | { kind: "maxPool"; name: string }
  /** [N, C, 1, 1] → [N, C] */
  | { kind: "flatten" }
  /** (x − mean)/√(variance + ε): tensors `{name}.running_mean`, `{name}.running_var`, [C] */
  | { kind: "batchNorm"; name: string; epsilon: number }
  /** [N, C, 1, 1] → [N, C], each row divided by max(its length, smallestLength) */
  | { kind: "normalize"; smallestLength: number };

const frnTlu = ({ frn, tlu }: FrnTlu, size: number): Layer => ({
  kind: "frnTlu",
  frn,
  tlu,
  epsilon: frnEpsilon,
  size,
});

/**
 * A network in inference mode, layer by layer: [N, 1, 32, 32] → [N, 128]. For those who build it elsewhere (as ONNX,
 * say); the kernels take the same convolutions and names.
 */
export function inferenceLayers(network: KnownNetwork): readonly Layer[] {
  return isInferenceNetwork(network)
    ? foldedLayers(network)
    : architectureLayers(network);
}

/**
 * The tensors that {@linkcode inferenceLayers} names: those of the checkpoint, with every BatchNorm folded into its convolution where the
 * network is for inference alone.
 *
 * @throws {GpuError} when they are not a sound network of that kind
 */
export function inferenceWeights(
  network: KnownNetwork,
  state: NetworkState,
): NetworkState {
  if (!isInferenceNetwork(network)) return state;
  return new Map(
    [...foldNetwork(network, state)].flatMap((
      [name, { shape, weight, bias }],
    ) => [
      [`${name}.weight`, { shape, data: weight }],
      [`${name}.bias`, { shape: [bias.length], data: bias }],
    ]),
  );
}

function foldedLayers(
  { input, body, head, output }: InferenceNetwork,
): readonly Layer[] {
  const ends: Layer[] = output === "unit"
    ? [{ kind: "normalize", smallestLength: 1e-12 }]
    : [{ kind: "tanh", name: head.convolution }, { kind: "flatten" }];
  return [
    { kind: "normalizePatch", normalization: input, size: patchSize },
    ...body.flatMap((block): Layer[] => {
      const { convolution: name, kernelSize, stride, padding } = block;
      return [
        {
          kind: "convolution",
          name,
          kernelSize,
          stride,
          padding,
          bias: true,
        },
        { kind: block.activation, name },
        ...(block.maxPool ? [{ kind: "maxPool", name } as const] : []),
      ];
    }),
    {
      kind: "convolution",
      name: head.convolution,
      kernelSize: headSize,
      stride: 1,
      padding: 0,
      bias: true,
    },
    ...ends,
  ];
}

function architectureLayers(
  { input, body, head, batchNorm }: Architecture,
): readonly Layer[] {
  return [
    frnTlu(input, patchSize),
    ...body.flatMap((block): Layer[] => [
      {
        kind: "convolution",
        name: block.convolution,
        kernelSize: 3,
        stride: block.stride,
        padding: 1,
        bias: true,
      },
      frnTlu(block, block.size),
    ]),
    {
      kind: "convolution",
      name: head,
      kernelSize: headSize,
      stride: 1,
      padding: 0,
      bias: false,
    },
    { kind: "batchNorm", name: batchNorm, epsilon: batchNormEpsilon },
    { kind: "normalize", smallestLength: 1e-12 },
  ];
}
