import { type Key, key, type KeySchema, section } from "./section.ts";
import { optionalText, optionalTexts } from "./values.ts";

/** The published sets of PhotoTour patches. */
export const photoTourSetNames = [
  "liberty",
  "notredame",
  "yosemite",
  "liberty_harris",
  "notredame_harris",
  "yosemite_harris",
] as const;

/** Names that `[mirrors]` and `[contents]` know the published archives by. */
const archiveNames = [
  ...photoTourSetNames,
  "hpatches",
  "tasks",
] as const;

type ArchiveName = typeof archiveNames[number];

const url =
  /^(https?:\/\/[^\s/?#@]+(:\d+)?\/[^\s#]*|file:\/\/\/[^\s#]+)(#(md5=[0-9a-f]{32}|sha256=[0-9a-f]{64}))?$/;

/**
 * Whether a URL names a file, or a host in letters, digits, dots and hyphens at a port that exists: hosts go into Deno's list
 * of those that may be reached, in which commas, stars and brackets mean something.
 */
function isReachable(text: string): boolean {
  const parsed = URL.parse(text);
  if (parsed === null) return false;
  const { protocol, hostname, port, pathname } = parsed;
  if (protocol === "file:") {
    return !/%(?![0-9a-f]{2})|%(00|2f|5c)/i.test(pathname);
  }
  const [, typed] = /^https?:\/\/([^/?#:]+)/.exec(text) ?? [];
  return typed?.toLowerCase() === hostname && port !== "0" &&
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/
      .test(hostname);
}

function ofEachArchive<Schema extends KeySchema>(
  schema: Schema,
  meaning: (archive: ArchiveName) => string,
): Record<ArchiveName, Key<Schema>> {
  const entries = archiveNames.map((archive) =>
    [archive, key(schema, meaning(archive))] as const
  );
  return Object.fromEntries(entries) as Record<ArchiveName, Key<Schema>>;
}

/** `[mirrors]`: nothing is reached that is not named here. */
export const mirrorsSection = section(
  "where the published archives are fetched from; the program reaches no other host",
  {
    ...ofEachArchive(
      optionalTexts(
        "http://, https:// or file:///, at the end #md5=… or #sha256=… if the archive's hash is known",
        url,
        isReachable,
      ),
      (archive) => `URLs of ${archive}, tried in order`,
    ),
    redirects: key(
      optionalTexts(
        "a host, cdn.example.org or *.example.org, with :port unless it is 443",
        /^(\*\.)?[\w-]+(\.[\w-]+)*(:\d+)?$/,
        (host) => isReachable(`https://${host.replace("*", "any")}/`),
      ),
      "other hosts that mirrors may redirect to",
    ),
  },
);

/** `[contents]`: what the unpacked sets have to hold. */
export const contentsSection = section(
  "what the published archives have to hold; `manifest.json` tells the digests",
  ofEachArchive(
    optionalText(
      '"" or a contents digest, 64 hexadecimal digits in lower case',
      /^([0-9a-f]{64})?$/,
    ),
    (archive) => `contents digest of ${archive}; "" = whatever is in it`,
  ),
);
