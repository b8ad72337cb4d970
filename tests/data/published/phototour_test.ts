import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { DataError } from "../../../data/errors.ts";
import { PackedPatches } from "../../../data/patches/packed_patches.ts";
import {
  packPhotoTour,
  parseInfo,
  publishedPatchCounts,
} from "../../../data/published/phototour.ts";
import {
  checkPairs,
  parsePairs,
  readPairs,
} from "../../../data/published/phototour_pairs.ts";
import { readSheet } from "../../../data/published/phototour_sheet.ts";
import { mutate } from "../../helpers/data/mutations.ts";
import { collage, encodeGreyBmp } from "../../helpers/data/test_images.ts";

let folder: string;
beforeEach(async () => {
  folder = await Deno.makeTempDir();
});
afterEach(() => Deno.remove(folder, { recursive: true }));

const sheets = [collage(1024, 1024, 1), collage(1024, 1024, 2)];

/** A set of 300 patches on two sheets, three patches a point. */
async function writeSet() {
  const info =
    Array.from({ length: 300 }, (_, i) => `${Math.floor(i / 3) + 7} 0`).join(
      "\n",
    ) + "\n";
  await Deno.writeTextFile(join(folder, "info.txt"), info);
  await Deno.writeFile(
    join(folder, "patches0000.bmp"),
    encodeGreyBmp(sheets[0]),
  );
  await Deno.writeFile(
    join(folder, "patches0001.bmp"),
    encodeGreyBmp(sheets[1]),
  );
  return join(folder, "packed.bin");
}

/** A sheet of 24 bits a pixel. */
function colourSheet(): Uint8Array {
  const bytes = new Uint8Array(54 + 3 * 1024 * 1024);
  bytes.set(encodeGreyBmp(sheets[0]).subarray(0, 54));
  const view = new DataView(bytes.buffer);
  view.setUint32(10, 54, true);
  view.setUint16(28, 24, true);
  return bytes;
}

describe("a PhotoTour set", () => {
  it("is packed patch by patch, row by row, sheet by sheet, without the padding", async () => {
    const path = await writeSet();
    const { labels, labelCount } = await packPhotoTour(folder, path, 300);
    equal(labels.length, 300);
    equal(labelCount, 100);
    using set = await PackedPatches.open(path);
    equal(set.count, 300);
    equal(set.labels[299], 106);
    for (const index of [0, 1, 16, 37, 255, 256, 299]) {
      const { pixels } = sheets[index >> 8];
      const left = (index & 15) * 64;
      const top = (index % 256 >> 4) * 64;
      const wanted = Uint8Array.from(
        { length: 4096 },
        (_, i) => pixels[(top + (i >> 6)) * 1024 + left + (i & 63)],
      );
      deepEqual(set.read([index]), wanted, `patch ${index}`);
    }
  });

  it("is refused with the file that is missing, damaged or of another size", async () => {
    const path = await writeSet();
    const sheet = join(folder, "patches0001.bmp");
    await Deno.writeFile(sheet, encodeGreyBmp(collage(512, 1024, 1)));
    await rejects(
      packPhotoTour(folder, path),
      /patches0001\.bmp: found a sheet of 512×1024 pixels, wanted 1024×1024; unpack/,
    );
    await Deno.writeFile(sheet, encodeGreyBmp(sheets[1]).subarray(0, 9999));
    await rejects(
      packPhotoTour(folder, path),
      /patches0001\.bmp: found a truncated BMP/,
    );
    await Deno.writeFile(sheet, colourSheet());
    await rejects(
      packPhotoTour(folder, path),
      /patches0001\.bmp: found a sheet of 24 bits a pixel, wanted 8, a grey sheet; unpack/,
    );
    await Deno.writeFile(sheet, encodeGreyBmp(sheets[1]).fill(1, 30, 31));
    await rejects(
      packPhotoTour(folder, path),
      /patches0001\.bmp: found a BMP of compression 1, wanted an uncompressed BMP/,
    );
    await Deno.remove(sheet);
    await rejects(
      packPhotoTour(folder, path),
      /Cannot read the PhotoTour set: .*: found 1 of 2 sheets missing \(patches0001\.bmp\), wanted 2 sheets for the 300 patches of info\.txt; unpack/,
    );
    await Deno.remove(join(folder, "info.txt"));
    await rejects(
      packPhotoTour(folder, path),
      /Cannot read the PhotoTour set: .*info\.txt/,
    );
    deepEqual([...Deno.readDirSync(folder)].map((entry) => entry.name), [
      "patches0000.bmp",
    ]);
  });
});

describe("the sheets of a PhotoTour set", () => {
  it("are as many as info.txt has patches for", async () => {
    const path = await writeSet();
    for (const index of [2, 3]) {
      const name = `patches000${index}.bmp`;
      await Deno.writeFile(join(folder, name), encodeGreyBmp(sheets[0]));
    }
    await rejects(
      packPhotoTour(folder, path),
      /found 4 sheets, wanted 2 sheets for the 300 patches of info\.txt/,
    );
  });

  it("hold as many patches as were published, where that is asked for", async () => {
    const path = await writeSet();
    await rejects(
      packPhotoTour(folder, path, publishedPatchCounts.liberty),
      /info\.txt: found 300 patches, wanted 450092, as the set was published; unpack/,
    );
    deepEqual(
      Object.entries(publishedPatchCounts).map(([set, count]) =>
        `${set} ${count}`
      ),
      [
        "liberty 450092",
        "notredame 468159",
        "yosemite 633587",
        "liberty_harris 379587",
        "notredame_harris 325295",
        "yosemite_harris 450912",
      ],
    );
  });

  it("are seen through their palettes, whichever row comes first", () => {
    const bytes = encodeGreyBmp(sheets[0]);
    for (let level = 0; level < 256; level++) {
      bytes.fill(255 - level, 54 + 4 * level, 54 + 4 * level + 3);
    }
    const patch = new Uint8Array(4096);
    readSheet(bytes, "s").copyPatch(255, patch);
    equal(patch[4095], 255 - sheets[0].pixels[1024 * 1024 - 1]);
    new DataView(bytes.buffer).setInt32(22, -1024, true);
    readSheet(bytes, "s").copyPatch(255, patch);
    equal(patch[4095], 255 - sheets[0].pixels[1023]);
  });

  it("never bring the program down, whatever bytes are damaged", () => {
    const bytes = encodeGreyBmp(sheets[0]);
    const head = bytes.slice(0, 54 + 1024);
    const patch = new Uint8Array(4096);
    let refused = 0;
    for (let number = 0; number < 10000; number++) {
      const damaged = mutate(head, number);
      // What is longer or shorter in its head is so as a whole; copying a sheet each time would take minutes.
      const sheet = damaged.length === head.length
        ? bytes
        : bytes.slice(0, 60 * damaged.length);
      sheet.set(damaged.subarray(0, sheet.length));
      try {
        readSheet(sheet, "s").copyPatch(number % 256, patch);
      } catch (error) {
        ok(error instanceof DataError, String(error));
        refused++;
      }
      bytes.set(head);
    }
    ok(refused > 100 && refused < 10000, String(refused));
  });
});

describe("info.txt", () => {
  it("gives the first column of each line", () => {
    deepEqual([...parseInfo("3 0\r\n4294967295 1 x\n0 7\n", "info.txt")], [
      3,
      4294967295,
      0,
    ]);
  });

  it("is refused with file and line", () => {
    throws(
      () => parseInfo("", "info.txt"),
      /info\.txt: found an empty file, wanted one patch a line/,
    );
    throws(
      () => parseInfo("1 0\n\n2 0\n", "i"),
      /Cannot read the PhotoTour set: i:2: found an empty line/,
    );
    throws(
      () => parseInfo("15 0\n160\n", "i"),
      /i:2: found 1 column, wanted 2: label image/,
    );
    for (const wrong of ["x", "-1", "4294967296", "1.5", "0x1", "1e3"]) {
      throws(
        () => parseInfo(`1 0\n${wrong} 0\n`, "i"),
        /i:2: found label ".*", wanted an integer from 0/,
      );
    }
  });
});

describe("a match file", () => {
  it("gives pairs and whether their points are equal", async () => {
    const path = join(folder, "m50.txt");
    await Deno.writeTextFile(
      path,
      "0 7 0 2 7 0\r\n5 8 0 1 7 0 \n5 8 0 4 8 0 1\n",
    );
    const { first, second, match } = await readPairs(path, 6);
    deepEqual([[...first], [...second], [...match]], [[0, 5, 5], [2, 1, 4], [
      1,
      0,
      1,
    ]]);
  });

  it("is refused with file and line", async () => {
    await rejects(
      readPairs(join(folder, "none")),
      /Cannot read the patch pairs: .*none: found/,
    );
    throws(
      () => parsePairs("", "m"),
      /m: found an empty file, wanted one pair a line; replace/,
    );
    throws(
      () => parsePairs("1 1 0 2 1 0\n1 2 3\n", "m"),
      /m:2: found 3 columns, wanted 6: patch1/,
    );
    throws(
      () => parsePairs("\n1 1 0 2 1 0\n", "m"),
      /m:1: found an empty line/,
    );
    throws(
      () => parsePairs("1 1 0 6 1 0", "m", 6),
      /m:1: found patch "6", wanted an integer from 0 to 5/,
    );
    throws(
      () => parsePairs("1 a 0 2 1 0", "m"),
      /m:1: found point "a", wanted an integer/,
    );
    throws(() => parsePairs("-1 1 0 2 1 0", "m"), /m:1: found patch "-1"/);
  });

  it("belongs to the labels of its set, but for single odd lines", () => {
    const labels = Uint32Array.from({ length: 400 }, (_, i) => i >> 1);
    const rows = Array.from({ length: 200 }, (_, i) => {
      const [a, b] = i % 2 === 0 ? [2 * i, 2 * i + 1] : [i, i + 200];
      return `${a} ${labels[a]} 0 ${b} ${labels[b]} 0`;
    });
    const check = () =>
      checkPairs(parsePairs(rows.join("\n"), "m"), labels, "m");
    check();
    rows[0] = "0 1 0 9 1 0";
    rows[1] = "1 1 0 9 1 0";
    check();
    rows[2] = "2 1 0 9 1 0";
    throws(
      check,
      /m: found 3 of 200 pairs at odds with the labels of info\.txt, wanted the match file of the same set/,
    );
  });

  it("never brings the program down, whatever bytes are damaged", () => {
    const text = Array.from(
      { length: 40 },
      (_, i) => `${i} ${i % 5} 0 ${i + 1} ${i % 3} 0`,
    ).join("\n");
    const bytes = new TextEncoder().encode(text);
    let refused = 0;
    for (let number = 0; number < 10000; number++) {
      const damaged = new TextDecoder().decode(mutate(bytes, number));
      try {
        parseInfo(damaged, "i");
        parsePairs(damaged, "m", 41);
      } catch (error) {
        ok(error instanceof DataError, String(error));
        ok(/^[^\n]+$/.test(error.message));
        refused++;
      }
    }
    ok(refused > 3000 && refused < 10000, String(refused));
  });
});
