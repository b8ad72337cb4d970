/** A regular file in an archive. */
export interface ArchiveEntry {
  /** `/`-separated, inside the archive, unique in it without regard to case */
  name: string;
  /** as the archive declares it */
  sizeBytes: number;
}

/** The bytes of an entry, in pieces of bounded size; read to the end it has been checked against what the archive declares. */
export interface EntryBytes extends ArchiveEntry {
  bytes: AsyncIterable<Uint8Array>;
}

/** An archive whose list of entries has been checked. */
export interface Archive extends Disposable {
  entries: readonly ArchiveEntry[];
  /** The entries of these names, each once, in the order of the archive; each has to be read before the next is asked for. */
  read(names: ReadonlySet<string>): AsyncIterable<EntryBytes>;
}

/** What an archive may cost at most. */
export interface ArchiveLimits {
  entries: number;
  /** all entries unpacked, declared and actual */
  totalBytes: number;
  /** unpacked bytes for each byte of the archive, beyond the first `freeBytes` */
  ratio: number;
  /** unpacked bytes that need no justification by the archive's size */
  freeBytes: number;
}

/** Ten times the largest published set; none of them shrinks tenfold. */
export const usualLimits: ArchiveLimits = {
  entries: 100_000,
  totalBytes: 48 * 2 ** 30,
  ratio: 100,
  freeBytes: 64 * 2 ** 20,
};
