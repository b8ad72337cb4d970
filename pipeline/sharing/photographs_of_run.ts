import { bundledPhotographs, listPhotographs } from "../../data/mod.ts";
import type { Config } from "../config.ts";
import type { ActionRecord } from "../store/action_record.ts";

/** A photograph that a run was made of. */
export interface RunPhotograph {
  name: string;
  /** who took it, what it shows and when; empty when that is not known */
  credit: string;
  /** of the file, lower-case hexadecimal */
  sha256: string;
}

/** The photographs of a run in the order of their list, which is also that of the files in the record; none of another source. */
export async function photographsOfRun(
  { facts }: ActionRecord,
  { download }: Config,
): Promise<RunPhotograph[]> {
  if (download.source !== "photos") return [];
  const { training, heldOut } = await listPhotographs(
    download.source_dir,
    download.held_out,
  );
  const credits = new Map(
    download.source_dir === ""
      ? bundledPhotographs.map(({ name, credit }) => [name, credit])
      : [],
  );
  return [...training, ...heldOut].map(({ name }, index) => ({
    name,
    credit: credits.get(name) ?? "",
    sha256: facts.external[index].digest,
  }));
}
