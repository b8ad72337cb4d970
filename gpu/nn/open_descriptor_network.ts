import type { Gpu } from "../device.ts";
import { DescriptorNetwork, type PatchNetwork } from "./descriptor_network.ts";
import { InferencePass } from "./inference/inference_pass.ts";
import type { NetworkState } from "./network_state.ts";
import { isInferenceNetwork, recognizeNetwork } from "./recognize_network.ts";

/**
 * Opens whatever network's tensors a checkpoint holds, to describe patches with.
 *
 * A network for inference sees values 0 … 1 of every patch, as its authors trained it; one of this program the values of the source.
 *
 * @param options.batchSize patches that go through the network at once; no result depends on it
 * @throws {GpuError} when they are no sound network, or the memory budget is too small
 */
export function openDescriptorNetwork(
  gpu: Gpu,
  state: NetworkState,
  options: { batchSize: number },
): DescriptorNetwork {
  const network = recognizeNetwork(state);
  if (!isInferenceNetwork(network)) {
    return DescriptorNetwork.create(gpu, network, state, options);
  }
  const { batchSize } = options;
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
