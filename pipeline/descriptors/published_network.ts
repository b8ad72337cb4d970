import { fileURLToPath } from "node:url";
import { isFile } from "../files/file_tree.ts";

/** Where the network that comes with the program lies. */
const publishedWeights = new URL(
  "../../weights/model.safetensors",
  import.meta.url,
);

/**
 * Path of the network that comes with the program (`weights/`, with its model card); undefined where none does, or where the program
 * was not loaded from a folder.
 */
export function publishedNetwork(
  weights: URL = publishedWeights,
): string | undefined {
  if (weights.protocol !== "file:") return undefined;
  const path = fileURLToPath(weights);
  return isFile(path) ? path : undefined;
}
