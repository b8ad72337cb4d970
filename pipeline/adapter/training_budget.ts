import { type Gpu, grantedBytes } from "../../gpu/mod.ts";

const gibibyte = 2 ** 30;

/** Keeping the activations of 2,560 × 3 patches takes 7.3 GiB; a larger budget would change nothing. */
const mostBytes = 8 * gibibyte;

/** Assumed free where the permission to ask is missing. */
const cautiousBytes = 2 * gibibyte;

/**
 * Sets how much memory a training may take where the config leaves it open: on a GPU three quarters of what it grants,
 * on the software adapter half of the system's free memory, 8 GiB at most. Speed depends on it, no bit of a result.
 */
export async function setTrainingBudget(gpu: Gpu): Promise<void> {
  const isSoftware = gpu.adapter.deviceClass === "software";
  const freeBytes = isSoftware
    ? freeSystemBytes() / 2
    : 0.75 * await grantedBytes(gpu.device, mostBytes / 0.75);
  gpu.budgetBytes = Math.min(mostBytes, Math.floor(freeBytes));
}

function freeSystemBytes(): number {
  try {
    return Deno.systemMemoryInfo().available;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    return cautiousBytes;
  }
}
