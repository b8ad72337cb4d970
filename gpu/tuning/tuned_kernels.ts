import { type Convolution, reversed } from "../convolution.ts";
import type { Gpu } from "../device.ts";
import type { DeviceClass } from "../device_class.ts";
import {
  type Architecture,
  descriptorSize,
  headChannels,
  headSize,
  usesWinograd,
} from "../nn/architecture.ts";
import { networks } from "../nn/networks.ts";
import { wantedWorkgroupBytes } from "../tiles/shared_tile.ts";
import { standardTile, tileCandidates } from "./tile_candidates.ts";
import {
  tileName,
  tileOf,
  type Tiles,
  tilesOfClass,
  tileText,
} from "../tiles.ts";
import {
  type CutKernel,
  isEnd,
  type TiledKernel,
} from "../tiles/tile_sizes.ts";
import transposed from "../wgsl/convolution/conv3x3_transposed.wgsl" with {
  type: "text",
};
import weightGradient from "../wgsl/convolution/conv3x3_weight_gradient.wgsl" with {
  type: "text",
};
import conv3x3 from "../wgsl/convolution/conv3x3.wgsl" with { type: "text" };
import conv3x3Shared from "../wgsl/convolution/conv3x3_shared.wgsl" with {
  type: "text",
};
import conv3x3Square from "../wgsl/convolution/conv3x3_square.wgsl" with {
  type: "text",
};
import transposedSquare from "../wgsl/convolution/conv3x3_transposed_square.wgsl" with {
  type: "text",
};
import weightGradientShared from "../wgsl/convolution/conv3x3_weight_gradient_shared.wgsl" with {
  type: "text",
};
import weightGradientWindow from "../wgsl/convolution/conv3x3_weight_gradient_window.wgsl" with {
  type: "text",
};
import denseInputGradient from "../wgsl/convolution/dense_input_gradient.wgsl" with {
  type: "text",
};
import denseWeightGradient from "../wgsl/convolution/dense_weight_gradient.wgsl" with {
  type: "text",
};
import denseShared from "../wgsl/convolution/dense_shared.wgsl" with {
  type: "text",
};
import denseSum from "../wgsl/convolution/dense_sum.wgsl" with { type: "text" };
import denseWeightGradientShared from "../wgsl/convolution/dense_weight_gradient_shared.wgsl" with {
  type: "text",
};
import dense from "../wgsl/convolution/dense.wgsl" with { type: "text" };
import normalizedOutput from "../wgsl/lib/outputs/output_normalized.wgsl" with {
  type: "text",
};
import normalizedOutputBackward from "../wgsl/lib/outputs/output_normalized_backward.wgsl" with {
  type: "text",
};
import frnTluRows from "../wgsl/normalization/frn_tlu_rows.wgsl" with {
  type: "text",
};
import frnTluBackwardRows from "../wgsl/normalization/frn_tlu_backward_rows.wgsl" with {
  type: "text",
};
import product from "../wgsl/winograd/winograd_product.wgsl" with {
  type: "text",
};
import weightProduct from "../wgsl/winograd/winograd_weight_product.wgsl" with {
  type: "text",
};

/** A kernel on one shape of a network's training. */
export interface TunedKernel {
  kernel: TiledKernel;
  shape: Convolution;
  /** as {@linkcode tileName} gives it */
  name: string;
}

/** What of a device's tiles says which kernels it has. */
type KernelsOfDevice = Pick<Tiles, "winograd" | "sharedKernels">;

/** The shapes that a network's passes run each kernel on, on devices that have Winograd's method or not, and such workgroups. */
function shapesOf(
  architecture: Architecture,
  tiles: KernelsOfDevice,
): Readonly<Record<TiledKernel, readonly Convolution[]>> {
  const { body } = architecture;
  const strided = body.filter(({ stride }) => stride === 2);
  const winograds = body.filter((layer) => usesWinograd(layer, tiles));
  const others = body.filter((layer) =>
    layer.inputChannels > 1 && !usesWinograd(layer, tiles)
  );
  // The head as a matrix product: its output has one pixel.
  const head: Convolution = {
    inputChannels: headSize ** 2 * headChannels(architecture),
    outputChannels: descriptorSize,
    size: 1,
    stride: 1,
  };
  return {
    conv3x3: [
      ...body.filter(({ inputChannels }) => inputChannels > 1),
      // Those that take ∂y to ∂x.
      ...others.filter(({ stride }) => stride === 1).map(reversed),
    ],
    conv3x3_transposed: strided,
    conv3x3_weight_gradient: others,
    // Of the convolution that takes ∂y to ∂x.
    winograd_product: winograds.map(reversed),
    winograd_weight_product: winograds,
    dense: [head],
    dense_input_gradient: [head],
    dense_weight_gradient: [head],
    conv3x3_frn_tlu: tiles.sharedKernels.includes("conv3x3")
      ? body.filter(({ inputChannels }) => inputChannels > 1)
      : [],
    conv3x3_frn_tlu_backward: others.filter(({ stride }) =>
      tiles.sharedKernels.includes(
        stride === 1 ? "conv3x3" : "conv3x3_transposed",
      )
    ),
  };
}

const texts: Readonly<Record<CutKernel, string>> = {
  conv3x3,
  conv3x3_transposed: transposed,
  conv3x3_weight_gradient: weightGradient,
  winograd_product: product,
  winograd_weight_product: weightProduct,
  dense,
  dense_input_gradient: denseInputGradient,
  dense_weight_gradient: denseWeightGradient,
};

/** What takes the place of some of them where workgroups share what they read. */
const sharedTexts = [
  conv3x3Shared,
  conv3x3Square,
  transposedSquare,
  weightGradientShared,
  weightGradientWindow,
  denseShared,
  denseSum,
  denseWeightGradientShared,
  normalizedOutput,
  normalizedOutputBackward,
  frnTluRows,
  frnTluBackwardRows,
];

/** Every kernel with a choice of tiles, on every shape that the training of any network uses on a device of any class. */
export const tunedKernels: readonly TunedKernel[] = listKernels(
  Object.values(tilesOfClass),
);

/** Those that the training of any network uses on a device with such tiles. */
export function tunedKernelsOf(
  tiles: KernelsOfDevice,
): readonly TunedKernel[] {
  return listKernels([tiles]);
}

function listKernels(
  devices: readonly KernelsOfDevice[],
): TunedKernel[] {
  const shapes = Object.values(networks).flatMap((network) =>
    devices.map((tiles) => shapesOf(network, tiles))
  );
  const found = new Map<string, TunedKernel>();
  // Ends come last: two kernels are measured with the tiles that were chosen for them.
  const kernels = Object.keys(shapes[0]) as TiledKernel[];
  for (const kernel of kernels) {
    for (const layer of shapes.flatMap((uses) => uses[kernel])) {
      const { inputChannels, outputChannels, size, stride } = layer;
      const shape = { inputChannels, outputChannels, size, stride };
      const name = tileName(kernel, shape);
      found.set(name, { kernel, shape, name });
    }
  }
  return [...found.values()];
}

/** The tiles that a device does not have from its class, as texts by the names of the kernels' work. */
export function unusualTiles(
  { adapter, tiles }: Pick<Gpu, "adapter" | "tiles">,
): Record<string, string> {
  const usual = tilesOfClass[adapter.deviceClass];
  const others = tunedKernelsOf(usual).map(({ kernel, shape, name }) => {
    const standard = standardTile(adapter.deviceClass, kernel, shape);
    const tile = isEnd(kernel)
      ? tiles.chosen?.get(name) ?? standard
      : tileOf(tiles, kernel, shape);
    const text = tileText(tile);
    return text === tileText(standard) ? [] : [name, text];
  });
  return Object.fromEntries(others.filter(({ length }) => length > 0));
}

/** All that a choice of tiles depends on beside the adapter: the kernels' texts and what there was to choose from. */
export function tuningText(deviceClass: DeviceClass): string {
  const kernels = tunedKernelsOf(tilesOfClass[deviceClass]);
  const candidates = kernels.map(({ kernel, shape, name }) => [
    name,
    tileCandidates(deviceClass, kernel, shape, wantedWorkgroupBytes),
  ]);
  return JSON.stringify([Object.values(texts), sharedTexts, candidates]);
}
