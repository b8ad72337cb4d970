/** Formats that are known by their first bytes, as Latin letters, and not read. */
const byStart: readonly [name: string, start: RegExp][] = [
  ["a GIF", /^GIF8/],
  ["a WebP", /^RIFF....WEBP/s],
  ["a photograph as the sensor saw it (CR2)", /^II\*\0.{4}CR/s],
  ["a photograph as the sensor saw it (RAF)", /^FUJIFILMCCD-RAW/],
  ["a photograph as the sensor saw it (ORF)", /^(IIRO|IIRS|MMOR)/],
  ["a photograph as the sensor saw it (RW2)", /^IIU\0/],
  ["a photograph as the sensor saw it (CR3)", /^....ftypcrx/s],
  ["a TIFF", /^(II[*+]\0|MM\0[*+])/],
  ["an AVIF", /^....ftypavi/s],
  ["a HEIC", /^....ftyp(hei|hev|mif|msf)/s],
  ["a film or another file of MP4's kind", /^....ftyp/s],
  ["a JPEG 2000", /^(.{4}jP {2}|\xff\x4f\xff\x51)/s],
  ["a JPEG XL", /^(\xff\n|.{4}JXL )/s],
  ["a MNG or JNG", /^(\x8aMNG|\x8bJNG)/],
  ["a Photoshop file", /^8BPS/],
  ["a GIMP file", /^gimp xcf/],
  ["a Radiance HDR", /^#\?R(ADIANCE|GBE)/],
  ["an OpenEXR", /^v\/1\x01/],
  ["a FITS", /^SIMPLE {2}=/],
  ["a DPX", /^(SDPX|XPDS)/],
  ["a DirectDraw surface", /^DDS /],
  ["a Windows icon or cursor", /^\0\0[\x01\x02]\0[^\0]\0/],
  ["an Apple icon", /^icns/],
  ["a bitmap without its file header (DIB)", /^[\x0c\x28\x6c\x7c]\0\0\0/],
  ["an OS/2 bitmap array", /^BA/],
  ["a PCX", /^\n[\0-\x05]\x01/],
  ["an SGI image", /^\x01\xda[\0\x01]/],
  ["a Sun raster", /^\x59\xa6\x6a\x95/],
  ["an X bitmap or pixmap", /^(#define |\/\* XPM \*\/|! XPM2)/],
  ["an ImageMagick file", /^id=ImageMagick/],
  ["a DjVu", /^AT&TFORM/],
  ["a PDF", /^%PDF/],
  ["a PostScript file", /^(%!|\xc5\xd0\xd3\xc6)/],
  ["an SVG or HTML page", /^(\xef\xbb\xbf)?\s*<(\?xml|svg|!doctype|html)/i],
  ["a ZIP archive", /^PK\x03\x04/],
  ["a gzip file", /^\x1f\x8b/],
  ["a pointer of Git LFS", /^version https:\/\/git-lfs/],
];

/** The signature that ends a Targa of the second version. */
const targaEnd = "TRUEVISION-XFILE.\0";

/**
 * The name, with its article, of the format of a file that is not read; undefined where the format is not known.
 * @param bytes the whole file: a Targa tells what it is at its end
 */
export function otherFormatOf(bytes: Uint8Array): string | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 64));
  const known = byStart.find(([, pattern]) => pattern.test(start));
  if (known !== undefined) return known[0];
  const end = String.fromCharCode(...bytes.slice(-targaEnd.length));
  return end === targaEnd ? "a Targa" : undefined;
}
