import { fileURLToPath } from "node:url";
import { join } from "@std/path";
import { hashFile } from "./contents_digest.ts";
import { DataError, fileFault } from "../errors.ts";
import { FetchFault } from "./fetch_fault.ts";
import { fetchMirror, type FetchPolicy, usualPolicy } from "./fetch_mirror.ts";
import { findLocalSet, folderOf, type LocalSet } from "./local_sets.ts";
import { PartialFile } from "./partial_file.ts";
import { pause } from "../pause.ts";
import { listSetFiles } from "./unpack_set.ts";

/** What to fetch, and from where. */
export interface ArchiveRequest {
  /** the set's name, `liberty` */
  set: string;
  /** name of the file, `liberty.zip` */
  fileName: string;
  /** URLs in the order to try them; `#md5=…` or `#sha256=…` at the end tells the hash of that mirror's file */
  mirrors: readonly string[];
  /** folder of fetched archives; several processes may use it */
  directory: string;
  /** whether nothing is to be fetched: only `file://` and what was fetched before will do */
  offline: boolean;
  /**
   * Tries what was found, say by unpacking it: a `DataError` means that it is not what was wanted, and the next mirror is tried.
   */
  accept(found: LocalSet): Promise<void>;
  /** told which mirror sent how many of how many bytes; 0 when nobody knows how many */
  onProgress(host: string, doneBytes: number, totalBytes: number): void;
  signal: AbortSignal;
  policy?: FetchPolicy;
}

/**
 * Finds an archive: as fetched before, else at the first mirror whose file has the right hash, if one is known, and is accepted.
 * What was accepted stays in the folder under its name for other runs; until then it has another name, from which a later run goes on.
 *
 * @throws {DataError} that tells what each mirror answered and what to do
 * @throws the signal's reason when it is aborted
 */
export async function fetchArchive(request: ArchiveRequest): Promise<void> {
  const { fileName, mirrors, directory, accept, signal } = request;
  const answers: string[] = [];
  await Deno.mkdir(directory, { recursive: true });
  const path = join(directory, fileName);
  using _alone = await lock(`${path}.lock`, signal);
  const partial = new PartialFile(path);

  let isKept = false;
  const refused = await faultOf(async () => {
    isKept = await acceptKept(path, accept);
  });
  if (isKept) return;
  if (refused !== undefined) answers.push(`${path}: ${refused}`);

  // The mirror that something came from already, then the others in their order.
  const begun = partial.read()?.origin.url;
  const first = mirrors.filter((mirror) => withoutHash(mirror) === begun);
  for (const mirror of new Set([...first, ...mirrors])) {
    signal.throwIfAborted();
    const fault = await faultOf(() => tryMirror(request, mirror, partial));
    if (fault === undefined) return;
    answers.push(`${mirrorName(mirror)}: ${fault}`);
  }
  if (mirrors.length === 0) {
    answers.push(`no mirror (mirrors.${request.set} is empty)`);
  }
  throw new DataError({
    attempt: `fetch ${fileName}`,
    found: answers.join("; "),
    remedy: `put ${fileName} or the unpacked ${
      folderOf(request.set)
    }/ into a folder and name that with --set download.source_dir=FOLDER, or add a URL to mirrors.${request.set}`,
  });
}

/** What went wrong, in words; undefined when nothing did. Failures that are nobody's fault but this machine's are thrown. */
async function faultOf(
  action: () => Promise<void>,
): Promise<string | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (error instanceof FetchFault) return error.message;
    if (!(error instanceof DataError)) throw error;
    const { found, wanted } = error;
    return wanted === undefined ? found : `${found} instead of ${wanted}`;
  }
}

/**
 * Accepts what was fetched before. It stays even when it is refused, as another config may want just that; a mirror's file that is
 * accepted takes its place.
 */
async function acceptKept(
  path: string,
  accept: ArchiveRequest["accept"],
): Promise<boolean> {
  try {
    await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  await accept({ kind: "archive", path });
  return true;
}

async function tryMirror(
  request: ArchiveRequest,
  mirror: string,
  partial: PartialFile,
): Promise<void> {
  const { set, directory, fileName, accept, offline, signal } = request;
  const url = withoutHash(mirror);
  if (url.startsWith("file:")) {
    const found = findAtFileUrl(url, set);
    if (found.kind === "archive") await checkHash(found.path, mirror);
    return await accept(found);
  }
  if (offline) throw new FetchFault("not asked (offline)", false);
  const fetchOnce = async () => {
    const patched = await fetchMirror({
      url,
      partial,
      policy: request.policy ?? usualPolicy,
      signal,
      onProgress: (done, total) =>
        request.onProgress(mirrorName(mirror), done, total),
    });
    const path = partial.dataPath;
    try {
      await checkHash(path, mirror);
      await accept({ kind: "archive", path });
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      partial.remove();
      throw patched ? new PatchedFault(error) : error;
    }
  };
  try {
    await fetchOnce();
  } catch (error) {
    // Put together out of several answers, it may be damaged where the file itself is not.
    if (!(error instanceof PatchedFault)) throw error;
    await fetchOnce().catch((again) => {
      throw again instanceof PatchedFault ? again.fault : again;
    });
  }
  partial.finish(join(directory, fileName));
}

/** A file that came in several answers and is not what was wanted. */
class PatchedFault extends Error {
  readonly fault: DataError;

  constructor(fault: DataError) {
    super(fault.message);
    this.fault = fault;
  }
}

/** @throws {DataError} when the URL tells another hash than the file has */
async function checkHash(path: string, mirror: string): Promise<void> {
  const match = /#(md5|sha256)=([0-9a-f]+)$/.exec(mirror);
  if (match === null) return;
  const algorithm = match[1] as "md5" | "sha256";
  const found = await hashFile(path, algorithm);
  if (found === match[2]) return;
  throw new DataError({
    attempt: "check the archive",
    where: path,
    found: `${algorithm} ${found}`,
    wanted: match[2],
  });
}

/** A `file://` URL names the archive, or a folder with the set in it, unpacked or not. */
function findAtFileUrl(url: string, set: string): LocalSet {
  const path = fileURLToPath(url);
  let isFile: boolean;
  try {
    isFile = Deno.statSync(path).isFile;
  } catch (error) {
    throw new FetchFault(fileFault(error), false);
  }
  if (isFile) return { kind: "archive", path };
  const found = findLocalSet(path, set);
  if (found !== undefined) return found;
  throw new FetchFault(`a folder without ${set}`, false);
}

/**
 * The files of a set's copies at mirrors on this machine, and the folders that name them: what is accepted there and used must be the same.
 * Of a copy that cannot be used its place alone.
 */
export function listMirrorFiles(
  mirrors: readonly string[],
  set: string,
): string[] {
  return mirrors.map(withoutHash).filter((url) => url.startsWith("file:"))
    .flatMap((url) => {
      const place = fileURLToPath(url);
      try {
        const { kind, path } = findAtFileUrl(url, set);
        const names = kind === "folder" ? listSetFiles(set, path).names : [];
        return [place, path, ...names.map((name) => join(path, name))];
      } catch (error) {
        const isUnusable = error instanceof FetchFault ||
          error instanceof DataError;
        if (isUnusable) return [place];
        throw error;
      }
    });
}

function withoutHash(mirror: string): string {
  return mirror.replace(/#.*$/, "");
}

/** What a mirror is called in progress and messages: its host, or the path of a local one. */
export function mirrorName(mirror: string): string {
  const { protocol, host, pathname } = new URL(mirror);
  return protocol === "file:" ? fileURLToPath(`file://${pathname}`) : host;
}

/** Waits until no other process fetches the same archive. */
async function lock(path: string, signal: AbortSignal): Promise<Disposable> {
  const file = await Deno.open(path, { write: true, create: true });
  try {
    while (!await file.tryLock(true)) await pause(200, signal);
  } catch (error) {
    file.close();
    throw error;
  }
  return { [Symbol.dispose]: () => file.close() };
}
