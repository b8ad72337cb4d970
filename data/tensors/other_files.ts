/** Files that are taken for checkpoints and are none, by their first bytes as Latin letters. */
const byStart: readonly [name: string, start: RegExp][] = [
  ["an empty file", /^$/],
  ["an array of NumPy (.npy)", /^\x93NUMPY/],
  ["an HDF5 file (as Keras and MATLAB write)", /^\x89HDF/],
  ["a MATLAB file", /^MATLAB 5/],
  ["a gzip file", /^\x1f\x8b/],
  ["an xz file", /^\xfd7zXZ/],
  ["a bzip2 file", /^BZh/],
  ["a zstd file", /^\x28\xb5\x2f\xfd/],
  ["a 7z archive", /^7z\xbc\xaf/],
  ["a RAR archive", /^Rar!/],
  ["an ONNX file", /^\x08[\x01-\x20](\x12|:|B|\x1a)/],
  ["a TensorFlow Lite file", /^.{4}TFL3/s],
  ["a GGUF file", /^GGUF/],
  ["a file of Torch 7", /^\x04\0\0\0\x01\0\0\0/],
  ["a picture", /^(\x89PNG|\xff\xd8\xff|GIF8|BM)/],
  ["a PDF", /^%PDF/],
  ["a pointer of Git LFS, not the file itself", /^version https:\/\/git-lfs/],
  ["a page in HTML", /^(\xef\xbb\xbf)?\s*<(!doctype|html|\?xml)/i],
  ["a file of JSON", /^\s*[{[]\s*["{[\d]/],
];
const tarMagicOffset = 257;

/** What a file is that cannot hold a checkpoint, with its article; undefined where it may hold one. */
export function otherFileKind(bytes: Uint8Array): string | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 64));
  const known = byStart.find(([, pattern]) => pattern.test(start));
  if (known !== undefined) return known[0];
  const magic = bytes.subarray(tarMagicOffset, tarMagicOffset + 5);
  return String.fromCharCode(...magic) === "ustar"
    ? "a tar archive"
    : undefined;
}
