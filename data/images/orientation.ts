import type { GreyImage, Orientation } from "./grey_image.ts";

const orientationTag = 0x0112;
const shortType = 3;
const longType = 4;
const entryBytes = 12;
const exifPrefixBytes = 6;

/**
 * The orientation in an Exif block: a TIFF directory, after the six bytes `Exif\0\0` or without them. Undefined where it says none
 * or is damaged, since a picture without it is still a picture.
 */
export function exifOrientation(exif: Uint8Array): Orientation | undefined {
  const hasPrefix = exif[0] === 0x45 && exif[1] === 0x78;
  const tiff = hasPrefix ? exif.subarray(exifPrefixBytes) : exif;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (tiff.length < 8) return undefined;
  const isLittleEndian = view.getUint16(0) === 0x4949;
  if (!isLittleEndian && view.getUint16(0) !== 0x4d4d) return undefined;
  if (view.getUint16(2, isLittleEndian) !== 42) return undefined;
  const directory = view.getUint32(4, isLittleEndian);
  if (directory + 2 > tiff.length) return undefined;
  const count = view.getUint16(directory, isLittleEndian);
  for (let index = 0; index < count; index++) {
    const at = directory + 2 + index * entryBytes;
    if (at + entryBytes > tiff.length) return undefined;
    if (view.getUint16(at, isLittleEndian) !== orientationTag) continue;
    const type = view.getUint16(at + 2, isLittleEndian);
    // The standard wants a SHORT; some writers make all whole numbers LONG.
    const value = type === shortType
      ? view.getUint16(at + 8, isLittleEndian)
      : type === longType
      ? view.getUint32(at + 8, isLittleEndian)
      : 0;
    return value >= 1 && value <= 8 ? value as Orientation : 1;
  }
  return undefined;
}

/** The orientation that XMP says, as `tiff:Orientation` in an attribute or an element; undefined where it says none. */
export function xmpOrientation(xmp: Uint8Array): Orientation | undefined {
  const text = new TextDecoder().decode(xmp);
  const said = /tiff:Orientation\s*(?:=\s*["']|>)\s*([1-8])\b/.exec(text);
  return said === null ? undefined : Number(said[1]) as Orientation;
}

/**
 * What a stored picture's axes are to the upright one's: first exchanged (a stored row is an upright column), then mirrored.
 */
export function storedAxes(
  orientation: Orientation,
): { isTurned: boolean; isMirroredX: boolean; isMirroredY: boolean } {
  return {
    isTurned: orientation >= 5,
    isMirroredX: [2, 3, 7, 8].includes(orientation),
    isMirroredY: [3, 4, 6, 7].includes(orientation),
  };
}

/** The picture as it is to be looked at, with how it was stored. */
export function upright(
  image: GreyImage,
  orientation: Orientation,
): GreyImage {
  if (orientation === 1) return image;
  const { width, height, pixels } = image;
  const { isTurned, isMirroredX, isMirroredY } = storedAxes(orientation);
  const turned = {
    width: isTurned ? height : width,
    height: isTurned ? width : height,
    pixels: new Uint8Array(pixels.length),
    orientation,
  };
  let at = 0;
  for (let y = 0; y < turned.height; y++) {
    for (let x = 0; x < turned.width; x++) {
      // In the stored picture, of which rows become columns when it is turned.
      const storedX = isTurned ? y : x;
      const storedY = isTurned ? x : y;
      const fromX = isMirroredX ? width - 1 - storedX : storedX;
      const fromY = isMirroredY ? height - 1 - storedY : storedY;
      turned.pixels[at++] = pixels[fromY * width + fromX];
    }
  }
  return turned;
}
