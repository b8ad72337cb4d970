import { batchNormEpsilon } from "../ops/batch_norm.ts";
import { frnEpsilon } from "../ops/frn_tlu.ts";
import {
  type Architecture,
  type FrnTlu,
  headSize,
  patchSize,
} from "./architecture.ts";

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
export function inferenceLayers(
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
