import type { Config } from "../config.ts";

/** A published set that a config needs. */
export type SetNeed = {
  set: string;
  /** here: in `source_dir`; fetched: an archive in the store; to fetch: neither */
  state: "here" | "fetched" | "to fetch";
  /** where it is fetched from: hosts, or folders of this machine, in the order they are tried */
  mirrors: string[];
  /** size of the archive; null when nobody has told it */
  archive_bytes: number | null;
  /** how exact `archive_bytes` is: a PhotoTour archive is not larger than what is in it */
  archive_size: "at most" | "about" | "unknown";
  /** what the set takes while it is unpacked; null when nobody has told it */
  unpacked_bytes: number | null;
};

/** How many patches a source gives. */
export interface PatchVolume {
  /** of training and of the test pairs, 64×64 pixels each */
  packed: number;
  /** in HPatches-style sequences */
  inSequences: number;
  /** what the sequences' strips take on disk */
  stripsBytes: number;
}

/** What a source costs before it gives patches. It changes no result, so it stands apart from the {@linkcode Source}. */
export interface SourceCost {
  /** the hosts that it may reach, as `host:port`, sorted; none when everything is here */
  hosts(config: Config): string[];
  /** what each published set that it needs means for network and disk */
  sets(config: Config, downloadsDirectory: string): SetNeed[];
  /**
   * Makes sure that every published set is here or may be fetched, as the source itself does before any work.
   * @throws {DataError} naming all that are missing
   */
  requireSets(config: Config, downloadsDirectory: string): void;
  volume(config: Config): PatchVolume;
}
