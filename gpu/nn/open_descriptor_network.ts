import type { Gpu } from "../device.ts";
import { GpuError } from "../errors.ts";
import {
  type DescribingOptions,
  DescriptorNetwork,
  type PatchNetwork,
} from "./descriptor_network.ts";
import { InferencePass } from "./inference/inference_pass.ts";
import type { NetworkState } from "./network_state.ts";
import { isInferenceNetwork, recognizeNetwork } from "./recognize_network.ts";

/**
 * Opens whatever network's tensors a checkpoint holds, to describe patches with.
 *
 * A network for inference sees values 0 … 1 of every patch, as its authors trained it; one of this program the values of the source.
 *
 * @param options.batchSize patches that go through the network at once; no result depends on it
 * @param options.activations what activations are stored in, 32 bits unless told; 16 only for networks of this program
 * @throws {GpuError} when they are no sound network, the memory budget is too small, or activations cannot be stored so
 */
export function openDescriptorNetwork(
  gpu: Gpu,
  state: NetworkState,
  options: DescribingOptions,
): DescriptorNetwork {
  const network = recognizeNetwork(state);
  if (!isInferenceNetwork(network)) {
    return DescriptorNetwork.create(gpu, network, state, options);
  }
  const { batchSize, activations = "f32" } = options;
  if (activations !== "f32") {
    throw new GpuError({
      attempt: "open a network",
      where: network.name,
      found: `activations in ${activations}`,
      wanted: "f32: only networks that this program trains have others",
    });
  }
  using owned = new DisposableStack();
  const pass = owned.use(new InferencePass(gpu, network, state, batchSize));
  const { patches, descriptors } = pass;
  const seeing = (unit: number): PatchNetwork => ({
    patches,
    descriptors,
    forward: (recorder, count) => pass.forward(recorder, count, unit),
  });
  const networks = { phototour64: seeing(1), hpatches65: seeing(1 / 255) };
  return new DescriptorNetwork(
    gpu,
    network.name,
    (source) => networks[source],
    batchSize,
    owned.move(),
  );
}
