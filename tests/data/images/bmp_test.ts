import { deepEqual, ok, throws } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { decodeBmp } from "../../../data/images/bmp.ts";
import { DataError } from "../../../data/errors.ts";
import { mutate } from "../../helpers/data/mutations.ts";
import { collage, encodeGreyBmp } from "../../helpers/data/test_images.ts";

/** A 2 × 2 BMP of red, green / blue, white with 24 bits a pixel, bottom row first. */
function colourBmp(): Uint8Array {
  const bytes = new Uint8Array(54 + 16);
  const view = new DataView(bytes.buffer);
  bytes.set([66, 77]);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, 2, true);
  view.setInt32(22, 2, true);
  view.setUint16(28, 24, true);
  bytes.set([255, 0, 0, 255, 255, 255, 0, 0], 54);
  bytes.set([0, 0, 255, 0, 255, 0, 0, 0], 62);
  return bytes;
}

function changed(offset: number, ...values: number[]): Uint8Array {
  const bytes = encodeGreyBmp(collage(8, 6, 0));
  bytes.set(values, offset);
  return bytes;
}

describe("a BMP", () => {
  it("of 8 bits is read whatever its width, row padding included", () => {
    for (const width of [1, 2, 3, 4, 5, 64]) {
      const image = collage(width, 7, width);
      deepEqual(decodeBmp(encodeGreyBmp(image), "a.bmp"), image);
    }
  });

  it("is seen through its palette", () => {
    const image = { width: 2, height: 1, pixels: Uint8Array.from([3, 4]) };
    const bytes = encodeGreyBmp(image);
    bytes.set([255, 0, 0], 54 + 4 * 3);
    bytes.set([0, 0, 255], 54 + 4 * 4);
    deepEqual([...decodeBmp(bytes, "a.bmp").pixels], [29, 76]);
  });

  it("of 24 bits becomes luma, top row first even when stored top down", () => {
    deepEqual([...decodeBmp(colourBmp(), "a.bmp").pixels], [76, 150, 29, 255]);
    const topDown = colourBmp();
    new DataView(topDown.buffer).setInt32(22, -2, true);
    deepEqual([...decodeBmp(topDown, "a.bmp").pixels], [29, 255, 76, 150]);
  });

  it("of runs that move on is read as Pillow 12.3 reads it", () => {
    const runs = [
      [3, 10, 0, 2, 2, 1, 2, 20, 0, 0], // three, then two a row up, five to the right
      [0, 3, 1, 2, 3, 0, 0, 0, 8, 40, 0, 1],
    ].flat();
    const bytes = new Uint8Array(1078 + runs.length);
    bytes.set(encodeGreyBmp(collage(8, 4, 0)).subarray(0, 1078));
    bytes[30] = 1;
    bytes.set(runs, 1078);
    const { pixels } = decodeBmp(bytes, "a.bmp");
    deepEqual(
      [0, 8, 16, 24].map((row) => [...pixels.subarray(row, row + 8)]),
      [
        [40, 40, 40, 40, 40, 40, 40, 40],
        [1, 2, 3, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 20, 20, 0],
        [10, 10, 10, 0, 0, 0, 0, 0],
      ],
    );
  });

  it("is refused with what is wrong", () => {
    const refused = (bytes: Uint8Array, message: RegExp) =>
      throws(() => decodeBmp(bytes, "a.bmp"), (error: Error) => {
        ok(error instanceof DataError);
        ok(message.test(error.message), error.message);
        return true;
      });
    refused(
      new Uint8Array(10),
      /a\.bmp: found 10 bytes without a BMP header, wanted a BMP;/,
    );
    refused(
      changed(14, 13),
      /a BMP header of 13 bytes, which is not supported/,
    );
    refused(
      changed(30, 9),
      /found a BMP of compression 9, which is not supported, wanted an unc/,
    );
    refused(
      changed(28, 7),
      /found a BMP of 7 bits a pixel and compression 0, which is not supported/,
    );
    refused(
      changed(18, 0),
      /found a BMP of 0×6 pixels, wanted sides of 1 to 65535/,
    );
    refused(
      changed(10, 20, 0),
      /found pixels at byte 20, wanted pixels after the headers/,
    );
    const whole = changed(0);
    refused(
      whole.subarray(0, whole.length - 1),
      /found a truncated BMP of 1125 bytes, wanted 1126 bytes for 8×6 pixels/,
    );
  });

  it("never brings the program down, whatever bytes are damaged", () => {
    for (const bytes of [changed(0).subarray(0), colourBmp()]) {
      for (let number = 0; number < 10000; number++) {
        try {
          decodeBmp(mutate(bytes, number), "a.bmp");
        } catch (error) {
          ok(error instanceof DataError, String(error));
        }
      }
    }
  });
});
