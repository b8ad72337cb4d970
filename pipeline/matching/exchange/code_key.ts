import { join } from "@std/path";
import { CodeDigester } from "../../code/code_digest.ts";
import { type SourceFacts, sourceFactsVersion } from "../../code/code_facts.ts";
import { FileIndex } from "../../files/file_index.ts";
import { sha256Json } from "../../files/hash.ts";

/**
 * What a module and everything that it loads is, comments and white space apart: what it computed is taken up again only as long as this
 * stays the same.
 *
 * @param directory where it keeps what it read of the sources
 * @throws {PipelineError} when a file of the program is missing
 */
export async function codeKey(
  module: URL,
  directory: string,
): Promise<string> {
  const path = join(directory, "code.json");
  const index = new FileIndex<SourceFacts>(path, sourceFactsVersion);
  const { files, packages } = await new CodeDigester(index).digest(module);
  await index.save();
  return sha256Json({ files, packages });
}
