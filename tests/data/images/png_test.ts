import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { crc32, deflateSync } from "node:zlib";
import { describe, it } from "@std/testing/bdd";
import { encode } from "fast-png";
import { DataError } from "../../../data/errors.ts";
import { decodePng, encodePng } from "../../../data/images/png.ts";
import { collage } from "../../helpers/data/test_images.ts";
import { mutate } from "../../helpers/data/mutations.ts";
import { usedBytes } from "../../helpers/thread_usage.ts";

describe("a PNG", () => {
  it("written as grey is read back unchanged, and equal images make equal bytes", () => {
    const image = collage(65, 130, 1);
    const bytes = encodePng(image);
    deepEqual(decodePng(bytes, "a.png"), image);
    deepEqual(encodePng(collage(65, 130, 1)), bytes);
    equal(bytes[24], 8, "bit depth");
    equal(bytes[25], 0, "colour type grey");
  });

  it("of colours becomes luma, with and without alpha", () => {
    const rgb = Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 77, 77, 77]);
    const read = (data: Uint8Array, channels: number) =>
      decodePng(encode({ width: 2, height: 2, data, channels }), "a.png")
        .pixels;
    deepEqual([...read(rgb, 3)], [76, 150, 29, 77]);
    const rgba = Uint8Array.from(
      { length: 16 },
      (_, i) => i % 4 === 3 ? 9 : rgb[(i >> 2) * 3 + i % 4],
    );
    deepEqual([...read(rgba, 4)], [76, 150, 29, 77]);
    deepEqual([...read(Uint8Array.from([5, 0, 6, 0, 7, 0, 8, 0]), 2)], [
      5,
      6,
      7,
      8,
    ]);
  });

  it("of 16 bits keeps the high byte", () => {
    const data = Uint16Array.from([0, 255, 256, 65535]);
    const bytes = encode({ width: 2, height: 2, data, channels: 1, depth: 16 });
    deepEqual([...decodePng(bytes, "a.png").pixels], [0, 0, 1, 255]);
  });

  it("of one, two or four bits is stretched to the full range", () => {
    const packed = (
      depth: 1 | 2 | 4,
      bytes: number[],
      width: number,
    ) => [
      ...decodePng(
        encode({
          width,
          height: 1,
          data: Uint8Array.from(bytes),
          channels: 1,
          depth,
        }),
        "a.png",
      ).pixels,
    ];
    deepEqual(packed(1, [0b10110000], 5), [255, 0, 255, 255, 0]);
    deepEqual(packed(2, [0b00011011], 4), [0, 85, 170, 255]);
    deepEqual(packed(4, [0x0f, 0x80], 3), [0, 255, 136]);
  });

  it("with a palette becomes the luma of its colours", () => {
    const bytes = encode({
      width: 3,
      height: 1,
      data: Uint8Array.from([2, 0, 1]),
      channels: 1,
      depth: 8,
      palette: [[255, 0, 0], [0, 255, 0], [9, 9, 9]],
    });
    deepEqual([...decodePng(bytes, "a.png").pixels], [9, 76, 150]);
  });

  it("costs little whatever it declares or hides", () => {
    const chunk = (type: string, data: Uint8Array) => {
      const bytes = new Uint8Array(12 + data.length);
      const view = new DataView(bytes.buffer);
      view.setUint32(0, data.length);
      bytes.set([...type].map((letter) => letter.charCodeAt(0)), 4);
      bytes.set(data, 8);
      view.setUint32(8 + data.length, crc32(bytes.subarray(4, -4)));
      return bytes;
    };
    const png = (width: number, height: number, raw: Uint8Array) => {
      const header = new Uint8Array(13);
      const view = new DataView(header.buffer);
      view.setUint32(0, width);
      view.setUint32(4, height);
      header.set([8, 0], 8);
      return new Uint8Array([
        ...[137, 80, 78, 71, 13, 10, 26, 10],
        ...chunk("IHDR", header),
        ...chunk("iCCP", deflateSync(new Uint8Array(1 << 24))),
        ...chunk("IDAT", deflateSync(raw)),
        ...chunk("IEND", new Uint8Array(0)),
      ]);
    };
    const refused = (bytes: Uint8Array, message: RegExp) => {
      const before = usedBytes();
      throws(() => decodePng(bytes, "a.png"), message);
      const growthMib = (usedBytes() - before) / 2 ** 20;
      ok(growthMib < 64, `grew by ${growthMib} MiB`);
    };
    const bomb = new Uint8Array(200 << 20);
    refused(png(10, 10, bomb), /more pixels than its header declares/);
    refused(png(30000, 30000, bomb), /found an image of 30000×30000 pixels/);
    refused(png(9000, 9000, new Uint8Array(9)), /damaged PNG \(pixels missing/);
    refused(png(0, 8, new Uint8Array(9)), /damaged PNG \(0×8 pixels/);
    equal(decodePng(png(3, 2, new Uint8Array(8)), "a.png").width, 3);
  });

  it("is refused in one line wherever it is cut off or damaged", () => {
    const bytes = encodePng(collage(20, 20, 2));
    for (let length = 8; length < bytes.length; length += 11) {
      throws(
        () => decodePng(bytes.subarray(0, length), "a.png"),
        /Cannot read the image: a\.png: found a damaged PNG \(.*\), wanted a readable PNG; replace/,
      );
    }
    for (let number = 0; number < 1500; number++) {
      try {
        decodePng(mutate(bytes, number), "a.png");
      } catch (error) {
        ok(error instanceof DataError, String(error));
        ok(/^[^\n]+$/.test(error.message));
      }
    }
  });
});
