import { type Gpu, openGpu } from "../../gpu/device.ts";
import { useMeasuredTiles } from "../../pipeline/adapter/prepare_adapter.ts";
import { Store } from "../../pipeline/store/store.ts";

/** Where trainings of this project look for measured tiles too. */
export const tilesDirectory = new Store().tilesDirectory;

/** Opens the adapter with the tiles that were measured on it. */
export async function openTuned(
  options: Parameters<typeof openGpu>[0] = {},
): Promise<Gpu> {
  const gpu = await openGpu(options);
  useMeasuredTiles(gpu, tilesDirectory);
  return gpu;
}
