import { type Convolution, reversed } from "../convolution.ts";
import type { Gpu } from "../device.ts";
import type { DeviceClass } from "../device_class.ts";
import { convolutions, descriptorSize, usesWinograd } from "../nn/layers.ts";
import { tileCandidates } from "./tile_candidates.ts";
import {
  type TiledKernel,
  tileName,
  tileOf,
  tilesOfClass,
  tileText,
} from "../tiles.ts";
import transposed from "../wgsl/convolution/conv3x3_transposed.wgsl" with {
  type: "text",
};
import weightGradient from "../wgsl/convolution/conv3x3_weight_gradient.wgsl" with {
  type: "text",
};
import conv3x3 from "../wgsl/convolution/conv3x3.wgsl" with { type: "text" };
import denseInputGradient from "../wgsl/convolution/dense_input_gradient.wgsl" with {
  type: "text",
};
import denseWeightGradient from "../wgsl/convolution/dense_weight_gradient.wgsl" with {
  type: "text",
};
import dense from "../wgsl/convolution/dense.wgsl" with { type: "text" };
import product from "../wgsl/winograd/winograd_product.wgsl" with {
  type: "text",
};
import weightProduct from "../wgsl/winograd/winograd_weight_product.wgsl" with {
  type: "text",
};

/** A kernel on one shape of SDGMNet128's training. */
export interface TunedKernel {
  kernel: TiledKernel;
  shape: Convolution;
  /** as {@link tileName} gives it */
  name: string;
}

/** The 8×8 convolution as a matrix product: its output has one pixel. */
const product8x8: Convolution = {
  inputChannels: 64 * convolutions[convolutions.length - 1].outputChannels,
  outputChannels: descriptorSize,
  size: 1,
  stride: 1,
};
const strided = convolutions.filter(({ stride }) => stride === 2);
const winograds = convolutions.filter(usesWinograd);

/** What the network runs each kernel on, and its text. */
const uses: Readonly<
  Record<TiledKernel, { shapes: readonly Convolution[]; text: string }>
> = {
  conv3x3: {
    shapes: convolutions.filter(({ inputChannels }) => inputChannels > 1),
    text: conv3x3,
  },
  conv3x3_transposed: { shapes: strided, text: transposed },
  conv3x3_weight_gradient: { shapes: strided, text: weightGradient },
  // Of the convolution that takes ∂y to ∂x.
  winograd_product: { shapes: winograds.map(reversed), text: product },
  winograd_weight_product: { shapes: winograds, text: weightProduct },
  dense: { shapes: [product8x8], text: dense },
  dense_input_gradient: { shapes: [product8x8], text: denseInputGradient },
  dense_weight_gradient: { shapes: [product8x8], text: denseWeightGradient },
};

/** Every kernel with a choice of tiles, on every shape that training uses. */
export const tunedKernels: readonly TunedKernel[] =
  (Object.keys(uses) as TiledKernel[]).flatMap((kernel) =>
    uses[kernel].shapes.map((shape) => ({
      kernel,
      shape,
      name: tileName(kernel, shape),
    }))
  );

/** The tiles that a device does not have from its class, as texts by the names of the kernels' work. */
export function unusualTiles(
  { adapter, tiles }: Pick<Gpu, "adapter" | "tiles">,
): Record<string, string> {
  const usual = tilesOfClass[adapter.deviceClass];
  const texts = tunedKernels.map(({ kernel, shape, name }) => {
    const text = tileText(tileOf(tiles, kernel, shape));
    return text === tileText(tileOf(usual, kernel, shape)) ? [] : [name, text];
  });
  return Object.fromEntries(texts.filter(({ length }) => length > 0));
}

/** All that a choice of tiles depends on beside the adapter: the kernels' texts and what there was to choose from. */
export function tuningText(deviceClass: DeviceClass): string {
  const candidates = tunedKernels.map(({ kernel, shape, name }) => [
    name,
    tileCandidates(deviceClass, kernel, shape),
  ]);
  const texts = Object.values(uses).map(({ text }) => text);
  return JSON.stringify([texts, candidates]);
}
