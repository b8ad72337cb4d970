import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { encode } from "jpeg-js";
import { DataError } from "../../../data/errors.ts";
import { decodeJpeg } from "../../../data/images/jpeg.ts";
import { mutate } from "../../helpers/data/mutations.ts";
import { workedMs } from "../../helpers/thread_usage.ts";

/** A smooth grey ramp with a bright quarter; smooth enough to come through the encoder within a few grey values. */
const ramp = (x: number, y: number) => x > 30 && y > 20 ? 220 : 2 * x + y;

function makeJpeg(width = 48, height = 40): Uint8Array {
  const data = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    data.fill(ramp(i % width, Math.floor(i / width)), 4 * i, 4 * i + 3);
  }
  return new Uint8Array(encode({ width, height, data }, 95).data);
}

describe("a JPEG", () => {
  it("becomes grey values", () => {
    const image = decodeJpeg(makeJpeg(), "a.jpg");
    deepEqual([image.width, image.height, image.pixels.length], [48, 40, 1920]);
    for (const [x, y] of [[3, 3], [20, 30], [40, 35]]) {
      const value = image.pixels[y * 48 + x];
      ok(Math.abs(value - ramp(x, y)) < 6, `${value} at ${x}, ${y}`);
    }
  });

  it("is refused wherever it is cut off", () => {
    const bytes = makeJpeg();
    for (let length = 2; length < bytes.length; length += 7) {
      throws(
        () => decodeJpeg(bytes.subarray(0, length), "a.jpg"),
        /^DataError: Cannot read the image: a\.jpg: found a truncated JPEG, wanted a JPEG that ends with its end marker; replace or remove the file$/,
      );
    }
  });

  it("is refused when pixels are missing though the end marker stands", () => {
    const bytes = makeJpeg();
    const cut = new Uint8Array([
      ...bytes.subarray(0, bytes.length - 300),
      0xff,
      0xd9,
    ]);
    throws(() => decodeJpeg(cut, "a.jpg"), /found a damaged JPEG \(/);
  });

  it("is not taken for whole because of the end marker of a thumbnail inside it", () => {
    const bytes = makeJpeg();
    const thumbnail = makeJpeg(8, 8);
    const size = thumbnail.length + 2;
    const segment = [0xff, 0xe1, size >> 8, size & 255, ...thumbnail];
    const whole = new Uint8Array([
      ...bytes.subarray(0, 2),
      ...segment,
      ...bytes.subarray(2),
    ]);
    equal(decodeJpeg(whole, "a.jpg").width, 48);
    throws(
      () => decodeJpeg(whole.subarray(0, whole.length - 2), "a.jpg"),
      /truncated JPEG/,
    );
  });

  it("of a hundred million pixels and more is refused before it is decoded", () => {
    const bytes = makeJpeg();
    const frame = bytes.findIndex((byte, at) =>
      byte === 0xff && bytes[at + 1] === 0xc0
    );
    bytes.set([0xff, 0xff, 0xff, 0xff], frame + 5);
    throws(() => decodeJpeg(bytes, "a.jpg"), /an image of 65535×65535 pixels/);
    bytes.set([0x20, 0, 0x20, 0], frame + 5);
    throws(() => decodeJpeg(bytes, "a.jpg"), /bytes for 8192×8192 pixels/);
  });

  it("of a hundred million pixels is refused for its memory when its file is small, before it is decoded", () => {
    const small = makeJpeg();
    const frame = small.findIndex((byte, at) =>
      byte === 0xff && small[at + 1] === 0xc0
    );
    small.set([0x27, 0x10, 0x27, 0x10], frame + 5);
    // As if the picture took so many bytes: the rest stands behind its scan.
    const bytes = new Uint8Array(2_750_000).fill(1);
    bytes.set(small.subarray(0, -2));
    bytes.set([0xff, 0xd9], bytes.length - 2);
    const startMs = workedMs();
    throws(
      () => decodeJpeg(bytes, "a.jpg"),
      /found a JPEG of 10000×10000 pixels in 2749982 bytes that takes 2003 MiB to decode, wanted at most 1342 MiB; reduce or remove it$/,
    );
    ok(workedMs() - startMs < 1000);
  });

  it("of a coding that is not read, or kept for one to come, is not supported, and not called damaged", () => {
    const bytes = makeJpeg();
    const frame = bytes.findIndex((byte, at) =>
      byte === 0xff && bytes[at + 1] === 0xc0
    );
    for (
      const marker of [
        0xc3,
        0xc5,
        0xc6,
        0xc7,
        0xc8,
        0xc9,
        0xca,
        0xcb,
        0xcd,
        0xce,
        0xcf,
      ]
    ) {
      bytes[frame + 1] = marker;
      throws(
        () => decodeJpeg(bytes, "a.jpg"),
        /found a JPEG of [a-z ]+ coding, which is not supported, wanted /,
      );
    }
  });

  it("never brings the program down, whatever bytes are damaged", () => {
    const bytes = makeJpeg();
    let refused = 0;
    for (let number = 0; number < 1500; number++) {
      try {
        decodeJpeg(mutate(bytes, number), "a.jpg");
      } catch (error) {
        ok(error instanceof DataError, String(error));
        ok(/^[^\n]+$/.test(error.message));
        refused++;
      }
    }
    ok(refused > 300);
  });
});
