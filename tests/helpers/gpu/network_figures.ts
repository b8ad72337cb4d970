import type { Network } from "../../../gpu/nn/network.ts";
import type { NetworkState } from "../../reference/sdgmnet128.ts";
import { fromActivations, fromBorderedPlanes } from "./activation_layout.ts";
import { fromBlocks } from "./descriptor_batch.ts";

/**
 * What the last forward pass of a network that takes the whole batch at once left on the GPU, under PyTorch's names.
 *
 * FRN and TLU are one kernel, and so are BatchNorm and L2 normalisation: the outputs of FRN and BatchNorm are not stored
 * but follow from the scales that are.
 *
 * @param state the parameters, for γ and β
 */
export async function activationFigures(
  network: Network,
  state: NetworkState,
  patches: Float32Array,
  samples: number,
): Promise<Map<string, ArrayLike<number>>> {
  const figures = new Map<string, ArrayLike<number>>();
  const { activations, z, norm } = network.activationTensors();
  const frn = (name: string, x: ArrayLike<number>, scale: Float32Array) => {
    const gamma = state.get(`${name}.weight`)!.data;
    const beta = state.get(`${name}.bias`)!.data;
    const area = x.length / samples / gamma.length;
    const values = Float64Array.from(x, (value, at) => {
      const plane = Math.floor(at / area);
      const channel = plane % gamma.length;
      return gamma[channel] * value * scale[plane] + beta[channel];
    });
    figures.set(name, values);
  };

  frn("features.0.0", patches, await activations.inputScale.readFloats());
  const { inner } = fromBorderedPlanes(
    await activations.input.readFloats(),
    [samples, 1, 32, 32],
  );
  figures.set("features.0.1", inner.data);
  const { body } = network.parameters.architecture;
  for (const [layer, names] of body.entries()) {
    const { outputChannels, size } = names;
    const shape = [samples, outputChannels, size, size];
    const { x, scale, y } = activations.layers[layer];
    const convolved = fromActivations(await x.readFloats(), shape).data;
    figures.set(names.convolution, convolved);
    frn(names.frn, convolved, await scale.readFloats());
    const last = layer === body.length - 1;
    const border = last ? 0 : 1;
    const passed = fromActivations(await y.readFloats(), shape, border).data;
    // Dropout is part of the last TLU's kernel.
    figures.set(last ? "features.6.0" : names.tlu, passed);
  }
  figures.set("features.6.1", await z.readFloats(0, samples * 128));
  const descriptors = fromBlocks(
    await network.descriptors.readFloats(),
    samples,
  );
  figures.set("descriptors", descriptors);
  const lengths = await norm.readFloats(0, samples);
  figures.set(
    "features.6.2",
    descriptors.map((value, at) => value * lengths[at >> 7]),
  );
  return figures;
}
