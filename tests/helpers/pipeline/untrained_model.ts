import { type TensorData, writeSafetensors } from "../../../data/mod.ts";
import { initialWeights } from "../../../gpu/mod.ts";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";

/** Writes a network as a seed starts it, before training. */
export async function writeUntrainedModel(
  path: string,
  seed: number,
): Promise<void> {
  const tensors = new Map<string, TensorData>();
  for (const [name, { shape, data }] of initialWeights(sdgmnet128, seed)) {
    const floats = Float32Array.from(data, Number);
    tensors.set(name, { dtype: "F32", shape: [...shape], data: floats });
  }
  await writeSafetensors(path, tensors);
}
