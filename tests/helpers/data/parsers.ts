import { crc32, gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { encode as encodeJpeg } from "jpeg-js";
import { openArchive } from "../../../data/archives/open_archive.ts";
import { parseDescriptorCsv } from "../../../data/csv/descriptor_text.ts";
import { decodeImage } from "../../../data/images/decode_image.ts";
import { encodePng } from "../../../data/images/png.ts";
import { parseCheckpoint, serializeSafetensors } from "../../../data/mod.ts";
import { readQueryTask } from "../../../data/published/hpatches_tasks.ts";
import { parseInfo } from "../../../data/published/phototour.ts";
import { parsePairs } from "../../../data/published/phototour_pairs.ts";
import { collage, encodeGreyBmp } from "./test_images.ts";
import { PickleBytes, torchStream } from "./torch_stream.ts";

/** A parser of files that may come from anywhere, and a sound file for it. */
export interface Parser {
  name: string;
  original: Uint8Array;
  /** Reads it; `path` is free for those that read from a disk. */
  read(bytes: Uint8Array, path: string): unknown;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Every parser of the room. */
export function parsers(): Parser[] {
  const image = collage(24, 20, 1);
  const rgba = new Uint8Array(4 * image.pixels.length).map((_, i) =>
    image.pixels[i >> 2]
  );
  const { width, height } = image;
  const floats = Float32Array.of(1, 2, 3, 4);
  const weights = new PickleBytes().raw("}(").text("features.0.w").tensor({})
    .text("beside").raw("cmy.module\nThing\n)\x81}").text("x").raw("K\x01sbu");
  const entries = {
    "set/info.txt": bytesOf("1 0\n2 0\n"),
    "set/a.bin": new Uint8Array(900),
  };
  const onDisk = async (bytes: Uint8Array, path: string) => {
    await Deno.writeFile(path, bytes);
    using archive = await openArchive(path);
    const names = new Set(archive.entries.map(({ name }) => name));
    for await (const entry of archive.read(names)) {
      for await (const _ of entry.bytes);
    }
  };
  const images: [string, Uint8Array][] = [
    ["PNG", encodePng(image)],
    ["JPEG", encodeJpeg({ width, height, data: rgba }, 90).data],
    ["BMP", encodeGreyBmp(image)],
    ["PGM", bytesOf("P2 # four\n2 2 255\n0 1 2 255\n")],
    ["PPM", bytesOf("P6 2 2 255\nabcdefghijkl")],
  ];
  return [
    ...images.map(([name, original]): Parser => ({
      name,
      original: new Uint8Array(original),
      read: (bytes) => decodeImage(bytes, name),
    })),
    {
      name: "PyTorch stream",
      original: torchStream(weights, floats),
      read: (bytes) => parseCheckpoint(bytes, "x.pt"),
    },
    {
      name: "safetensors",
      original: serializeSafetensors(
        new Map([["w", { dtype: "F32", shape: [4], data: floats }]]),
      ),
      read: (bytes) => parseCheckpoint(bytes, "x.safetensors"),
    },
    { name: "zip", original: zipSync(entries), read: onDisk },
    {
      name: "tar.gz",
      original: gzipSync(tarOf(bytesOf("1 0\n"))),
      read: onDisk,
    },
    {
      name: "tar within gzip",
      original: tarOf(bytesOf("1 0\n")),
      read: (bytes, path) => onDisk(gzipSync(bytes), path),
    },
    {
      name: "PNG with mended checksums",
      original: encodePng(image),
      read: (bytes) => decodeImage(withChecksums(bytes), "PNG"),
    },
    {
      name: "info.txt",
      original: bytesOf("7 0\n7 1\n9 0\n"),
      read: (bytes) => parseInfo(textOf(bytes), "info.txt"),
    },
    {
      name: "match file",
      original: bytesOf("0 5 0 1 5 0\n2 5 0 3 6 0\n"),
      read: (bytes) => parsePairs(textOf(bytes), "m50.txt"),
    },
    {
      name: "descriptors",
      original: bytesOf("1.5, -2\n3e1, 4\n"),
      read: (bytes) => parseDescriptorCsv(bytes, "a.csv"),
    },
    {
      name: "task",
      original: bytesOf("s,idx\nv_a,1\ni_b,20\n"),
      read: async (bytes, path) => {
        await Deno.writeFile(path, bytes);
        await readQueryTask(path);
      },
    },
  ];
}

/** The PNG with the checksum of every whole chunk made right, so that damage gets past them. */
function withChecksums(bytes: Uint8Array): Uint8Array {
  const mended = bytes.slice();
  const view = new DataView(mended.buffer);
  for (let at = 8; at + 12 <= mended.length;) {
    const end = at + 12 + view.getUint32(at);
    if (end > mended.length) break;
    view.setUint32(end - 4, crc32(mended.subarray(at + 4, end - 4)));
    at = end;
  }
  return mended;
}

/** A tar with one file. */
function tarOf(content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(2048);
  const put = (text: string, at: number) => bytes.set(bytesOf(text), at);
  put("set/info.txt", 0);
  put(content.length.toString(8).padStart(11, "0"), 124);
  put(" ".repeat(8), 148);
  put("0", 156);
  put("ustar\x00" + "00", 257);
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  bytes.set(content, 512);
  return bytes;
}
