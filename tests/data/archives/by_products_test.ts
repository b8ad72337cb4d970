import { deepEqual, ok, rejects } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { usualLimits } from "../../../data/archives/archive.ts";
import { isByProduct } from "../../../data/by_products.ts";
import { openArchive } from "../../../data/archives/open_archive.ts";
import { workedMs } from "../../helpers/thread_usage.ts";

let folder: string;
beforeEach(async () => {
  folder = await Deno.makeTempDir();
});
afterEach(() => Deno.remove(folder, { recursive: true }));

/** An entry of a tar: its header, and its content padded. */
function tarEntry(name: string, content: Uint8Array, type = "0"): Uint8Array {
  const bytes = new Uint8Array(512 + Math.ceil(content.length / 512) * 512);
  const put = (text: string, at: number) =>
    bytes.set(new TextEncoder().encode(text), at);
  put(name, 0);
  put(content.length.toString(8).padStart(11, "0"), 124);
  put(" ".repeat(8), 148);
  put(type, 156);
  put("ustar\0" + "00", 257);
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  bytes.set(content, 512);
  return bytes;
}

/** A zip of stored, empty entries, made on a system of that number. */
function zip(names: readonly string[], madeOn: number): Uint8Array {
  const words = (...values: [number, number][]) =>
    values.flatMap(([value, size]) =>
      Array.from({ length: size }, (_, i) => value >>> (8 * i) & 255)
    );
  const local: number[] = [];
  const directory: number[] = [];
  for (const name of names) {
    const text = [...new TextEncoder().encode(name)];
    const facts = words([0, 2], [0, 4], [0, 4], [0, 4], [0, 4]);
    const length = words([text.length, 2], [0, 2]);
    directory.push(
      ...words([0x02014b50, 4], [madeOn << 8 | 20, 2], [20, 2], [0, 2]),
      ...[...facts, ...length],
      ...words([0, 2], [0, 2], [0, 2], [0, 4], [local.length, 4]),
      ...text,
    );
    local.push(
      ...words([0x04034b50, 4], [20, 2], [0, 2]),
      ...[...facts, ...length, ...text],
    );
  }
  const count: [number, number] = [names.length, 2];
  return Uint8Array.from([
    ...local,
    ...directory,
    ...words([0x06054b50, 4], [0, 4], count, count),
    ...words([directory.length, 4], [local.length, 4], [0, 2]),
  ]);
}

async function namesIn(bytes: Uint8Array, limits = usualLimits) {
  const path = join(folder, "archive");
  await Deno.writeFile(path, bytes);
  using archive = await openArchive(path, limits);
  return archive.entries.map(({ name }) => name).sort();
}

const packed = [
  "./set/info.txt",
  "./set/._info.txt",
  "./set/.DS_Store",
  "./__MACOSX/set/._info.txt",
  "./set/Icon\r",
  "./set/.~lock.info.txt#",
  "./set/info.txt~",
  "./set/Thumbs.db",
  "./set/@eaDir/info.txt",
  "./$RECYCLE.BIN/info.txt",
  "./set/#info.txt#",
];

describe("by-products of systems and editors", () => {
  it("are passed over alike in a zip and in a tar, however the folder was packed", async () => {
    deepEqual(await namesIn(zip(["./", ...packed], 3)), ["set/info.txt"]);
    const empty = new Uint8Array(0);
    const tar = [
      tarEntry("./", empty, "5"),
      ...packed.map((name) => tarEntry(name, empty)),
      tarEntry("set/.#info.txt", empty, "2"),
      new Uint8Array(1024),
    ].flatMap((part) => [...part]);
    deepEqual(await namesIn(gzipSync(Uint8Array.from(tar))), ["set/info.txt"]);
  });

  it("are told from files by their names", () => {
    ok(isByProduct("a/._b.jpg") && isByProduct(".git/b.jpg"));
    ok(!isByProduct("a/b.jpg") && !isByProduct("./b.jpg"));
    ok(!isByProduct("..\\b.jpg"), "to be refused, not passed over");
    ok(!isByProduct("../b.jpg") && !isByProduct("Icon"));
  });
});

describe("a name with slashes twice or a dot between them", () => {
  it("is the name without", async () => {
    for (
      const name of ["set//info.txt", "set/./info.txt", ".//set/.//info.txt"]
    ) {
      deepEqual(await namesIn(zip([name], 3)), ["set/info.txt"]);
      const tar = [tarEntry(name, new Uint8Array(0)), new Uint8Array(1024)];
      const bytes = Uint8Array.from(tar.flatMap((part) => [...part]));
      deepEqual(await namesIn(gzipSync(bytes)), ["set/info.txt"]);
    }
    for (const name of ["set//../x", "//set/info.txt", "set/.././/x"]) {
      await rejects(namesIn(zip([name], 3)), /absolute|leads outside/);
    }
  });
});

describe("a zip of Windows", () => {
  it("has slashes where its names have backslashes, and the same checks", async () => {
    deepEqual(await namesIn(zip(["set\\", "set\\info.txt"], 0)), [
      "set/info.txt",
    ]);
    await rejects(namesIn(zip(["set\\..\\..\\x"], 0)), /leads outside/);
    await rejects(namesIn(zip(["set\\info.txt"], 3)), /a backslash/);
  });
});

describe("a tar whose headers and folders unpack to more than files may", () => {
  it("is given up at the limit of all unpacked bytes", async () => {
    const limits = { ...usualLimits, entries: 100, freeBytes: 0, ratio: 10 };
    const flood = new Uint8Array(1 << 16);
    for (const type of ["5", "g"]) {
      const parts = Array.from(
        { length: 90 },
        () => tarEntry("set/f/", flood, type),
      );
      const tar = new Uint8Array(90 * parts[0].length + 1024);
      parts.forEach((part, i) => tar.set(part, i * part.length));
      const startMs = workedMs();
      await rejects(
        namesIn(gzipSync(tar), limits),
        /found a tar of more than \d+ bytes, wanted no more than that/,
      );
      ok(workedMs() - startMs < 5_000);
    }
  });
});
