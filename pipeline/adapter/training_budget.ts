import { type Gpu, grantedMemory } from "../../gpu/mod.ts";

const gibibyte = 2 ** 30;

/** Keeping the activations of 2,560 × 3 patches takes 7.3 GiB; a larger budget would change nothing. */
const mostBytes = 8 * gibibyte;

/** Of what a GPU grants, the share that a training takes: others draw with it, too. */
const grantedShare = 0.75;

/** Of the system's free memory, the share that a training takes where the adapter has no other. */
const systemShare = 0.5;

/** Asked for where the budget is set already: more than any tensor of a micro-batch takes. */
const pieceBytesToTry = 0.5 * gibibyte;

/** Assumed free where the permission to ask is missing. */
const cautiousBytes = 2 * gibibyte;

/**
 * Sets how much memory a training may take where the config leaves it open: on a GPU three quarters of what it grants,
 * on an adapter that works in the system's memory half of what is free there, 8 GiB at most. On a GPU no tensor gets larger than what
 * it grants in one piece, whoever set the budget. Speed depends on it, no bit of a result.
 *
 * @param freeBytes of the system's memory
 */
export async function setTrainingBudget(
  gpu: Gpu,
  freeBytes: () => number = freeSystemBytes,
): Promise<void> {
  const { deviceClass } = gpu.adapter;
  if (gpu.budgetBytes < Infinity) {
    if (deviceClass === "software") return;
    const most = Math.min(gpu.budgetBytes, pieceBytesToTry);
    gpu.largestBufferBytes = (await grantedMemory(gpu.device, most)).pieceBytes;
    return;
  }
  // Metal grants what is not there, so an integrated GPU is not believed alone.
  const most = deviceClass === "discrete"
    ? mostBytes
    : Math.min(mostBytes, Math.floor(systemShare * freeBytes()));
  if (deviceClass === "software") {
    gpu.budgetBytes = most;
    return;
  }
  const { totalBytes, pieceBytes } = await grantedMemory(
    gpu.device,
    Math.floor(most / grantedShare),
  );
  gpu.budgetBytes = Math.min(most, Math.floor(grantedShare * totalBytes));
  gpu.largestBufferBytes = pieceBytes;
}

function freeSystemBytes(): number {
  try {
    return Deno.systemMemoryInfo().available;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    return cautiousBytes;
  }
}
