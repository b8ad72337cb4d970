import { type FileStarts, isMarkup, kindByStart } from "../file_starts.ts";

/** Files that are taken for checkpoints and are none. */
const kinds: FileStarts = [
  ["an array of NumPy (.npy)", "\x93NUMPY"],
  ["an HDF5 file (as Keras and MATLAB write)", "\x89HDF"],
  ["a MATLAB file", "MATLAB 5"],
  ["a gzip file", "\x1f\x8b"],
  ["an xz file", "\xfd7zXZ"],
  ["a bzip2 file", "BZh"],
  ["a zstd file", "\x28\xb5\x2f\xfd"],
  ["a 7z archive", "7z\xbc\xaf"],
  ["a RAR archive", "Rar!"],
  ["a tar archive", `${"?".repeat(257)}ustar`],
  ["a TensorFlow Lite file", "????TFL3"],
  ["a GGUF file", "GGUF"],
  ["a file of Torch 7", "\x04\0\0\0\x01\0\0\0"],
  ["a picture", "\x89PNG", "\xff\xd8\xff", "GIF8", "BM"],
  ["a PDF", "%PDF"],
  ["a pointer of Git LFS, not the file itself", "version ????????git-lfs"],
];

/** An ONNX file begins with the version of its form, then names its producer or goes on with the graph. */
const onnxFields = [0x12, 0x3a, 0x42, 0x1a];

/** What a file is that cannot hold a checkpoint, with its article; undefined where it may hold one. */
export function otherFileKind(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return "an empty file";
  if (isMarkup(bytes)) return "a page in HTML";
  const isOnnx = bytes[0] === 0x08 && bytes[1] > 0 && bytes[1] <= 32 &&
    onnxFields.includes(bytes[2]);
  if (isOnnx) return "an ONNX file";
  const start = new TextDecoder().decode(bytes.subarray(0, 64));
  if (/^\s*[{[]\s*["{[\d]/.test(start)) return "a file of JSON";
  return kindByStart(bytes, kinds);
}
