import type { Convolution } from "../convolution.ts";
import { GpuError } from "../errors.ts";
import type { Tiles } from "../tiles.ts";

/** Rows and columns of the patch that every network reads: one grey channel. */
export const patchSize = 32;
/** Values of the descriptor that every network gives; mining and losses are made for so many. */
export const descriptorSize = 128;

/** Rows and columns that the head reads at once, and that the body has to leave. */
export const headSize = 8;
/** Channels of the body come in multiples of it, so that every device's tiles cover them. */
const channelStep = 32;

/**
 * Filter response normalisation, then a thresholded linear unit: x · 1/√(mean_{h,w}(x²) + ε) · γ + β, then max(·, τ).
 * Checkpoints name γ `{frn}.weight`, β `{frn}.bias` and τ `{tlu}.tau`.
 */
export interface FrnTlu {
  frn: string;
  tlu: string;
}

/** A 3×3 convolution with padding 1 and bias, tensors `{convolution}.weight` and `.bias`, then FRN + TLU of its outputs. */
export interface ConvolutionBlock extends FrnTlu {
  convolution: string;
  outputChannels: number;
  stride: 1 | 2;
}

/**
 * A network from patches [N, 32, 32] to descriptors [N, 128] of unit length, in the names of its checkpoint's tensors: FRN +
 * TLU of the patch, a body of convolutions, dropout, a head, a BatchNorm without affine parameters, L2 normalisation.
 */
export interface ArchitectureDescription {
  /** as configs and the metadata of checkpoints call it */
  name: string;
  /** normalisation of the patch */
  input: FrnTlu;
  body: readonly ConvolutionBlock[];
  /** the convolution without padding and bias over all 8×8 pixels that the body leaves: tensor `{head}.weight` */
  head: string;
  /** tensors `{batchNorm}.running_mean`, `.running_var` and `.num_batches_tracked` */
  batchNorm: string;
}

/** A block of the body with its shape. */
export type BodyLayer = ConvolutionBlock & Convolution;

/** A network with the shapes of its body; parameters, passes, memory, checkpoints and exports follow from it. */
export interface Architecture extends ArchitectureDescription {
  body: readonly BodyLayer[];
}

/**
 * Works out the shapes of a network.
 *
 * @throws {GpuError} when there are no kernels for it
 */
export function architecture(
  description: ArchitectureDescription,
): Architecture {
  const refuse = (where: string, found: number, wanted: string) =>
    new GpuError({
      attempt: `lay out ${description.name}`,
      where,
      found: String(found),
      wanted,
    });
  let inputChannels = 1;
  let size = patchSize;
  const body = description.body.map((block, index): BodyLayer => {
    const { convolution, outputChannels, stride } = block;
    if (outputChannels <= 0 || outputChannels % channelStep !== 0) {
      const wanted = `a multiple of ${channelStep}`;
      throw refuse(`channels of ${convolution}`, outputChannels, wanted);
    }
    if (index === 0 && stride !== 1) {
      throw refuse(`stride of ${convolution}`, stride, "1");
    }
    size /= stride;
    const layer = { ...block, inputChannels, size };
    inputChannels = outputChannels;
    return layer;
  });
  if (body.length === 0) throw refuse("body", 0, "at least 1 convolution");
  if (size !== headSize) {
    const wanted = `the ${headSize} that the head reads`;
    throw refuse("rows and columns after the body", size, wanted);
  }
  return { ...description, body };
}

/** Channels that the head reads. */
export function headChannels({ body }: Architecture): number {
  return body[body.length - 1].outputChannels;
}

/** Names of every FRN + TLU, the input's first. */
export function normalizations(
  { input, body }: Architecture,
): readonly FrnTlu[] {
  return [input, ...body];
}

/** Whether a convolution's gradients are computed by Winograd's method: at stride 1, from more than one channel, where the device has it. */
export function usesWinograd(
  { inputChannels, stride }: Convolution,
  { winograd }: Pick<Tiles, "winograd">,
): boolean {
  return winograd !== undefined && stride === 1 && inputChannels > 1;
}
