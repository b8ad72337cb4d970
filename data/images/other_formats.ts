import { type FileStarts, isMarkup, kindByStart } from "../file_starts.ts";

/** Formats that are known by their first bytes and not read; the first that fits is told. */
const formats: FileStarts = [
  ["a GIF", "GIF8"],
  ["a WebP", "RIFF????WEBP"],
  ["a photograph as the sensor saw it (CR2)", "II*\0????CR"],
  ["a photograph as the sensor saw it (CR3)", "????ftypcrx"],
  ["a photograph as the sensor saw it (RAF)", "FUJIFILMCCD-RAW"],
  ["a photograph as the sensor saw it (ORF)", "IIRO", "IIRS", "MMOR"],
  ["a photograph as the sensor saw it (RW2)", "IIU\0"],
  ["a TIFF", "II*\0", "II+\0", "MM\0*", "MM\0+"],
  ["an AVIF", "????ftypavi"],
  ["a HEIC", "????ftyphei", "????ftyphev", "????ftypmif", "????ftypmsf"],
  ["a film or another file of MP4's kind", "????ftyp"],
  ["a JPEG 2000", "????jP  ", "\xff\x4f\xff\x51"],
  ["a JPEG XR", "II\xbc\x01"],
  ["a JPEG XL", "\xff\n", "????JXL "],
  ["a MNG or JNG", "\x8aMNG", "\x8bJNG"],
  ["a Photoshop file", "8BPS"],
  ["a GIMP file", "gimp xcf"],
  ["a Radiance HDR", "#?RADIANCE", "#?RGBE"],
  ["an OpenEXR", "v/1\x01"],
  ["a FITS", "SIMPLE  ="],
  ["a QOI", "qoif"],
  ["a BPG", "BPG\xfb"],
  ["a FLIF", "FLIF"],
  ["a farbfeld image", "farbfeld"],
  ["a JBIG2", "\x97JB2"],
  ["a Cineon", "\x80*_\xd7", "\xd7_*\x80"],
  ["a DPX", "SDPX", "XPDS"],
  ["a DirectDraw surface", "DDS "],
  ["an Apple icon", "icns"],
  [
    "a bitmap without its file header (DIB)",
    ..."\x0c\x28\x6c\x7c".split("").map((size) => `${size}\0\0\0`),
  ],
  ["an OS/2 bitmap array", "BA"],
  ["a PCX", ..."\0\x02\x03\x04\x05".split("").map((v) => `\n${v}\x01`)],
  ["an SGI image", "\x01\xda\0", "\x01\xda\x01"],
  ["a Sun raster", "\x59\xa6\x6a\x95"],
  ["an X bitmap or pixmap", "#define ", "/* XPM */", "! XPM2"],
  ["an ImageMagick file", "id=ImageMagick"],
  ["a picture of Windows Paint 2 (MSP)", "DanM", "LinS"],
  ["an IFUNC image (IM)", "Image type: "],
  ["a texture of Blizzard's (BLP)", "BLP1", "BLP2"],
  ["a DjVu", "AT&TFORM"],
  ["a PDF", "%PDF"],
  ["a PostScript file", "%!", "\xc5\xd0\xd3\xc6"],
  ["a ZIP archive", "PK\x03\x04"],
  ["a gzip file", "\x1f\x8b"],
  ["a pointer of Git LFS", "version ????????git-lfs"],
];

/** An icon or cursor begins as some Targa does, but for the number of its pictures. */
const iconStarts: FileStarts = [["", "\0\0\x01\0", "\0\0\x02\0"]];

/** The signature that ends a Targa of the second version. */
const targaEnd = "TRUEVISION-XFILE.\0";

/**
 * The name, with its article, of the format of a file that is not read; undefined where the format is not known.
 * @param bytes the whole file: a Targa tells what it is at its end
 */
export function otherFormatOf(bytes: Uint8Array): string | undefined {
  const known = kindByStart(bytes, formats);
  if (known !== undefined) return known;
  if (isMarkup(bytes)) return "an SVG or HTML page";
  const isIcon = kindByStart(bytes, iconStarts) !== undefined &&
    bytes[4] > 0 && bytes[5] === 0;
  if (isIcon) return "a Windows icon or cursor";
  const end = String.fromCharCode(...bytes.slice(-targaEnd.length));
  return end === targaEnd ? "a Targa" : undefined;
}
