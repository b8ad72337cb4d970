import { inflateSync } from "node:zlib";
import type { Orientation } from "./grey_image.ts";
import { exifOrientation, xmpOrientation } from "./orientation.ts";

/** Uncompressed bytes of the longest text that is read; profiles hold previews, but none of this size. */
const mostTextBytes = 8 * 2 ** 20;

/** Where a PNG says which side is up, the place that counts first first; each undefined where it says nothing there. */
export interface PngOrientations {
  /** in the chunk `eXIf` */
  chunk?: Orientation | undefined;
  /** in a text `Raw profile type exif` or `APP1`, as ImageMagick and others write for programs older than that chunk */
  profile?: Orientation | undefined;
  /** in XMP */
  xmp?: Orientation | undefined;
}

/**
 * Takes in what an ancillary chunk of a PNG says about its orientation. Chunks that can say nothing are not read, and damaged or
 * bloated ones say nothing.
 *
 * @param isIntact whether the chunk's checksum is right
 */
export function readPngOrientation(
  type: string,
  content: Uint8Array,
  isIntact: () => boolean,
  said: PngOrientations,
): void {
  if (type === "eXIf") {
    if (isIntact()) said.chunk ??= exifOrientation(content);
    return;
  }
  const textStart = textStarts[type];
  if (textStart === undefined) return;
  const keywordEnd = content.indexOf(0);
  const keyword = latin1(content.subarray(0, Math.max(0, keywordEnd)));
  const isXmp = keyword === "XML:com.adobe.xmp";
  const profile = /^Raw profile type (exif|app1|xmp)$/i.exec(keyword)?.[1];
  if ((!isXmp && profile === undefined) || !isIntact()) return;
  const text = textStart(content.subarray(keywordEnd + 1));
  if (text === undefined) return;
  if (isXmp) said.xmp ??= xmpOrientation(text);
  else {
    const bytes = profileBytes(text);
    said.profile ??= exifOrientation(bytes);
    // The segment of a JPEG that holds Exif is that of XMP too.
    said.xmp ??= xmpOrientation(bytes);
  }
}

/** What follows the keyword and its 0 in each kind of text chunk: the text itself, uncompressed; undefined where it is damaged. */
const textStarts: Readonly<
  Record<string, (content: Uint8Array) => Uint8Array | undefined>
> = {
  tEXt: (content) => content,
  zTXt: (content) => inflated(content.subarray(1)),
  iTXt: (content) => {
    const languageEnd = content.indexOf(0, 2);
    const translationEnd = content.indexOf(0, languageEnd + 1);
    if (languageEnd < 0 || translationEnd < 0) return undefined;
    const text = content.subarray(translationEnd + 1);
    return content[0] === 1 ? inflated(text) : text;
  },
};

function inflated(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return inflateSync(bytes, { maxOutputLength: mostTextBytes });
  } catch {
    return undefined;
  }
}

/** The bytes of a raw profile: a line with its name, one with its length, then hexadecimal digits in lines. */
function profileBytes(text: Uint8Array): Uint8Array {
  const [, length = "0", digits = ""] =
    /^\s*\S[^\n]*\n\s*(\d+)\s*\n([\da-fA-F\s]*)/.exec(latin1(text)) ?? [];
  const pairs = digits.replace(/\s/g, "").match(/../g) ?? [];
  return Uint8Array.from(
    pairs.slice(0, Number(length)),
    (pair) => parseInt(pair, 16),
  );
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
