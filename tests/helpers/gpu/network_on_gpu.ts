import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import type { Gpu } from "../../../gpu/device.ts";
import type { NetworkState } from "../../../gpu/nn/network_state.ts";
import { NetworkParameters } from "../../../gpu/nn/parameters.ts";
import {
  randomBits4,
  type RandomStream,
  randomUnit,
} from "../../../gpu/random_bits.ts";

/** Parameters on the GPU with the given state; float64 twins' tensors will do. */
export function parametersOf(gpu: Gpu, state: NetworkState): NetworkParameters {
  const parameters = new NetworkParameters(gpu, sdgmnet128);
  parameters.load(state);
  return parameters;
}

/** Which values [N, 128, 8, 8] the network's own dropout keeps: 1 kept, 0 dropped. */
export function keepMaskOf(
  stream: RandomStream,
  rate: number,
  samples: number,
): Uint8Array {
  const mask = new Uint8Array(samples * 128 * 64);
  for (let n = 0; n < samples; n++) {
    for (let channel = 0; channel < 128; channel++) {
      for (let pixel = 0; pixel < 64; pixel++) {
        const element = (n * 32 + (channel >> 2)) * 64 + pixel;
        const unit = randomUnit(randomBits4(stream, element)[channel % 4]);
        mask[(n * 128 + channel) * 64 + pixel] = unit < Math.fround(rate)
          ? 0
          : 1;
      }
    }
  }
  return mask;
}
