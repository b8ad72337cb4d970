import { parseCheckpoint } from "../../data/tensors/checkpoint.ts";
import { type NetworkState, recognizeNetwork } from "../../gpu/mod.ts";
import { networkOf } from "../../pipeline/descriptors/network_tensors.ts";
import { loadFile } from "../load_file.ts";
import type { Task } from "../messages.ts";

/**
 * Reads a network, the page's own or a file of the visitor's, by the readers of the command line.
 *
 * @returns its tensors, and the digest of its file in hexadecimal digits
 * @throws {DataError} when the file is damaged or holds no weights
 * @throws {GpuError} when they are of no network that is known
 */
export async function readNetwork(
  network: Task["network"],
): Promise<{ state: NetworkState; sha256: string }> {
  const source = "url" in network ? await loadFile(network.url) : network.file;
  const bytes = new Uint8Array(await source.arrayBuffer());
  const state = networkOf(parseCheckpoint(bytes, network.name), network.name);
  recognizeNetwork(state);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const sha256 = [...digest]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { state, sha256 };
}
