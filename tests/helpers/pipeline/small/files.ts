import { join } from "node:path";
import { sha256 } from "../../../../pipeline/files/hash.ts";

/** Every file below a folder with the digest of its bytes; empty when there is no such folder. */
export function files(folder: string, prefix = ""): Record<string, string> {
  const found: Record<string, string> = {};
  try {
    for (const entry of Deno.readDirSync(join(folder, prefix))) {
      const path = prefix + entry.name;
      if (entry.isDirectory) Object.assign(found, files(folder, `${path}/`));
      else found[path] = sha256(Deno.readFileSync(join(folder, path)));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found;
}
