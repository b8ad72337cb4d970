import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { zipSync } from "fflate";
import {
  type ArchiveLimits,
  usualLimits,
} from "../../../data/archives/archive.ts";
import { openArchive } from "../../../data/archives/open_archive.ts";
import { DataError } from "../../../data/errors.ts";
import {
  makeTar,
  makeTarGz,
  makeZip,
  type PackedFile,
  type ZipFields,
} from "../../helpers/data/archives.ts";
import { mutate } from "../../helpers/data/mutations.ts";

let folder: string;
beforeEach(async () => {
  folder = await Deno.makeTempDir();
});
afterEach(() => Deno.remove(folder, { recursive: true }));

function textFile(name: string, text = name): PackedFile {
  return { name, bytes: new TextEncoder().encode(text) };
}

const files: PackedFile[] = [
  textFile("info.txt", "1 0\n"),
  {
    name: "a/noise.bin",
    bytes: Uint8Array.from({ length: 200_000 }, (_, i) => (i * i * 31) >> 7),
  },
  textFile("a/b/empty", ""),
  textFile("a/ä.txt"),
];

/** Everything in an archive, by name. */
async function contentsOf(
  bytes: Uint8Array,
  limits?: ArchiveLimits,
  path = join(folder, "archive"),
): Promise<Record<string, Uint8Array>> {
  await Deno.writeFile(path, bytes);
  using archive = await openArchive(path, limits);
  const names = new Set(archive.entries.map(({ name }) => name));
  const contents: Record<string, Uint8Array> = {};
  for await (const entry of archive.read(names)) {
    const pieces = await Array.fromAsync(entry.bytes, (piece) => piece.slice());
    contents[entry.name] = new Uint8Array(Buffer.concat(pieces));
    equal(contents[entry.name].length, entry.sizeBytes);
  }
  return contents;
}

const expected = Object.fromEntries(
  files.map(({ name, bytes }) => [name, new Uint8Array(bytes)]),
);

describe("an archive", () => {
  const variants: [name: string, bytes: Uint8Array][] = [
    ["a zip", makeZip(files)],
    ["a stored zip", makeZip(files, { stored: true })],
    ["a Zip64", makeZip(files, { zip64: true })],
    ["a zip written as a stream", makeZip(files, { sizesFollow: true })],
    [
      "a Zip64 written as a stream",
      makeZip(files, { zip64: true, sizesFollow: true }),
    ],
    ["a zip with a comment", makeZip(files, { comment: "PK\x05\x06 by hand" })],
    [
      "another program's zip",
      zipSync(
        Object.fromEntries(files.map(({ name, bytes }) => [name, bytes])),
      ),
    ],
    ["a tar.gz", makeTarGz(files)],
    ["a tar.gz with pax records", makeTarGz(files, { pax: true })],
    ["a tar.gz with long names", makeTarGz(files, { longNames: true })],
    [
      "a tar.gz in two gzip members",
      Buffer.concat([makeTarGz(files), makeTarGz([])]),
    ],
  ];
  for (const [name, bytes] of variants) {
    it(`may be ${name}`, async () => {
      deepEqual(await contentsOf(bytes), expected);
    });
  }

  it("may be a tar.gz of a folder's inside", async () => {
    const folders = makeTar([textFile("./", ""), textFile("./a/", "")], {
      type: "5",
    });
    const tar = Buffer.concat([
      folders.subarray(0, folders.length - 1024),
      makeTar(files, { prefix: "./", longNames: true }),
    ]);
    deepEqual(await contentsOf(gzipSync(tar)), expected);
  });

  it("may be longer than 4 GiB", async () => {
    const startOffset = 5 * 2 ** 30;
    const path = join(folder, "long.zip");
    {
      using file = await Deno.open(path, { write: true, create: true });
      // A hole takes no space on the disk.
      await file.seek(startOffset, Deno.SeekMode.Start);
      await file.write(
        makeZip(files.slice(0, 1), { zip64: true, startOffset }),
      );
    }
    using archive = await openArchive(path);
    for await (const { name, bytes } of archive.read(new Set(["info.txt"]))) {
      deepEqual(
        Buffer.concat(await Array.fromAsync(bytes)),
        Buffer.from(expected[name]),
      );
    }
    equal(archive.entries.length, 1);
  });

  it("gives only the entries that were asked for", async () => {
    for (const bytes of [makeZip(files), makeTarGz(files)]) {
      const path = join(folder, "archive");
      await Deno.writeFile(path, bytes);
      using archive = await openArchive(path);
      const names: string[] = [];
      for await (
        const entry of archive.read(new Set(["info.txt", "a/ä.txt"]))
      ) {
        names.push(entry.name); // and its bytes are left alone
      }
      deepEqual(names, ["info.txt", "a/ä.txt"]);
    }
  });
});

/** The message that refuses an archive. */
async function refusalOf(
  bytes: Uint8Array,
  limits?: ArchiveLimits,
): Promise<string> {
  let message = "";
  await rejects(contentsOf(bytes, limits), (error) => {
    ok(error instanceof DataError, `${error}`);
    message = error.message;
    return true;
  });
  ok(message.startsWith(`Cannot read the archive: ${folder}`), message);
  // A sound archive of another kind is as it is however often it is fetched.
  const isSound =
    /, (an? [a-z ]*(link|device|path)[a-z ]*|encrypted),|by method|every name once|a sparse file/
      .test(message);
  const remedy = isSound
    ? /; pack it again [a-z ]+$/
    : /; fetch it again or from elsewhere$/;
  ok(remedy.test(message), message);
  return message.slice(message.indexOf("found ") + 6, message.lastIndexOf(";"));
}

describe("an archive is refused", () => {
  const names: [names: string[], refusal: string][] = [
    [
      ["../evil"],
      'entry "../evil", a path that leads outside, wanted paths inside it',
    ],
    [
      ["a/../../evil"],
      'entry "a/../../evil", a path that leads outside, wanted paths inside it',
    ],
    [
      ["/etc/evil"],
      'entry "/etc/evil", an absolute path, wanted paths inside it',
    ],
    [["C:/evil"], 'entry "C:/evil", an absolute path, wanted paths inside it'],
    [
      ["a\\..\\evil"],
      'entry "a\\\\..\\\\evil", a path with a backslash or control character, wanted paths inside it',
    ],
    [["x", "x"], 'entry "x" twice, wanted every name once, whatever its case'],
    [
      ["info.txt", "INFO.txt"],
      'entry "INFO.txt" beside entry "info.txt", wanted every name once, whatever its case',
    ],
    [
      ["x", "x/y"],
      'entry "x/y" beside entry "x", wanted every name once, whatever its case',
    ],
    [
      ["x/y", "x"],
      'entry "x" beside entry "x/y", wanted every name once, whatever its case',
    ],
  ];
  for (const [list, refusal] of names) {
    it(`with the names ${JSON.stringify(list)}`, async () => {
      const bad = list.map((name) => textFile(name));
      equal(await refusalOf(makeZip(bad)), refusal);
      equal(await refusalOf(makeTarGz(bad, { pax: true })), refusal);
    });
  }

  const edits: [
    what: string,
    edit: (entry: ZipFields) => void,
    refusal: RegExp,
  ][] = [
    [
      "links",
      (entry) => entry.mode = 0o120777,
      /^entry "x", a link, wanted files and folders$/,
    ],
    ["devices", (entry) => entry.mode = 0o060644, /^entry "x", a device,/],
    [
      "encrypted entries",
      (entry) => entry.flags |= 1,
      /^entry "x", encrypted, wanted entries without a password$/,
    ],
    [
      "other compressions",
      (entry) => entry.method = 12,
      /^entry "x" compressed by method 12, wanted stored or deflated entries$/,
    ],
    [
      "another name in the directory",
      (entry) => entry.name = "y",
      /^entry "y" whose own header contradicts the directory/,
    ],
    ["another method in the directory", (entry) => {
      entry.method = 0;
      entry.sizeBytes = entry.compressedBytes;
    }, /^entry "x" whose own header contradicts the directory/],
    [
      "another checksum in the directory",
      (entry) => entry.checksum ^= 1,
      /^entry "x" whose own header contradicts the directory/,
    ],
    [
      "a size beyond its bytes",
      (entry) => entry.compressedBytes += 1000,
      /^entry "x" that overlaps what comes after it/,
    ],
    [
      "a declared bomb",
      (entry) => entry.sizeBytes = 0xfffffffe,
      /^entry "x" at which it unpacks to 4294967294 bytes, wanted at most \d+ bytes from an archive of this size$/,
    ],
  ];
  for (const [what, edit, refusal] of edits) {
    it(`with ${what}`, async () => {
      const text = "words and words and words";
      const found = await refusalOf(makeZip([textFile("x", text)], { edit }));
      ok(refusal.test(found), found);
    });
  }

  it("with more behind the end of a tar than fills it up", async () => {
    const end = makeTarGz([textFile("x", "")]);
    const padded = (sizeBytes: number) =>
      Buffer.concat([end, gzipSync(new Uint8Array(sizeBytes))]);
    deepEqual(Object.keys(await contentsOf(padded(1_000_000))), ["x"]);
    equal(
      await refusalOf(padded(2 << 20)),
      "more than 1048576 bytes behind the end of the tar, wanted a whole tar.gz",
    );
  });

  it("with links and devices in a tar", async () => {
    const bad = [textFile("x", "")];
    ok(
      (await refusalOf(makeTarGz(bad, { type: "1" }))).startsWith(
        'entry "x", a link',
      ),
    );
    ok(
      (await refusalOf(makeTarGz(bad, { type: "2" }))).startsWith(
        'entry "x", a link',
      ),
    );
    ok(
      (await refusalOf(makeTarGz(bad, { type: "4" }))).startsWith(
        'entry "x", a device',
      ),
    );
  });

  it("when an entry holds more or less than it declares", async () => {
    const file = textFile("x", "words and words and words");
    for (const change of [1, -1]) {
      const zip = makeZip([file], {
        sizesFollow: true,
        edit: (entry) => entry.sizeBytes -= change,
      });
      const found = await refusalOf(zip);
      ok(
        change > 0
          ? found ===
            'entry "x" that unpacks to more than it declares, wanted 24 bytes'
          : found === 'entry "x" of 25 bytes, wanted 26 bytes',
        found,
      );
    }
    const zip = makeZip([file], {
      sizesFollow: true,
      edit: (entry) => entry.checksum ^= 1,
    });
    equal(
      await refusalOf(zip),
      'entry "x" with a wrong checksum, wanted intact entries',
    );
  });

  it("when two entries share their bytes", async () => {
    const zip = makeZip([
      textFile("x", "same bytes"),
      textFile("y", "same bytes"),
    ], {
      sizesFollow: true,
      edit: (entry) => entry.offset = 0,
    });
    equal(
      await refusalOf(zip),
      'entry "x" that overlaps what comes after it, wanted a whole zip',
    );
  });

  it("beyond the limits", async () => {
    const bomb = [{ name: "zeros", bytes: new Uint8Array(1_000_000) }];
    const limits = { ...usualLimits, freeBytes: 1000 };
    for (const bytes of [makeZip(bomb), makeTarGz(bomb)]) {
      const found = await refusalOf(bytes, limits);
      ok(
        /^entry "zeros" at which it unpacks to 1000000 bytes, wanted at most \d+ bytes/
          .test(found),
        found,
      );
      const few = await refusalOf(bytes, { ...usualLimits, entries: 0 });
      ok(/entries, wanted no more than/.test(few), few);
      ok(/unpacks to 1000000 bytes, wanted at most 999999/.test(
        await refusalOf(bytes, { ...usualLimits, totalBytes: 999_999 }),
      ));
    }
  });

  it("when it is cut, glued or something else", async () => {
    for (const bytes of [makeZip(files), makeTarGz(files)]) {
      for (const share of [0, 0.1, 0.5, 0.999]) {
        await refusalOf(bytes.slice(0, Math.floor(share * bytes.length)));
      }
    }
    const zip = makeZip(files);
    const tar = makeTar(files);
    const bytes = (text: string) => textFile("", text).bytes;
    const others: [content: Uint8Array, found: RegExp][] = [
      [zip.subarray(1), /^a directory at bytes/],
      [zip.subarray(0, -1), /without the record that ends a zip/],
      [Buffer.concat([zip, bytes("after")]), /^5 bytes behind the end of/],
      [bytes(""), /^an empty file,/],
      [bytes("<html>Not found</html>"), /^a page in HTML/],
      [gzipSync(zip), /^something that is no tar in gzip/],
      [gzipSync(gzipSync(tar)), /^something that is no tar in gzip/],
    ];
    for (const [content, found] of others) {
      const refusal = await refusalOf(content);
      ok(found.test(refusal), refusal);
    }
  });

  it("when a header of a tar belongs to no entry, or says nothing", async () => {
    const records = (text: string) => {
      const header = makeTar([textFile("PaxHeader", text)], { type: "x" });
      return gzipSync(Buffer.concat([header.subarray(0, 1024), makeTar([])]));
    };
    const unfollowed = await refusalOf(records("9 path=x\n"));
    ok(/^a header without its entry/.test(unfollowed), unfollowed);
    const nameless = await refusalOf(records("8 pathx\n"));
    ok(/^a pax header that is damaged/.test(nameless), nameless);
  });

  it("by its name when it is sound and of another kind", async () => {
    const tar = makeTar(files);
    const kinds: [bytes: string | Uint8Array, found: string][] = [
      ["BZh91AY&SY", "a bzip2 file"],
      ["\xfd7zXZ\0", "an xz file"],
      ["\x28\xb5\x2f\xfd", "a zstd file"],
      ["7z\xbc\xaf\x27\x1c", "a 7z archive"],
      ["Rar!\x1a\x07", "a RAR archive"],
      [tar, "a tar that gzip has not compressed"],
      [
        Buffer.concat([textFile("", "#!/bin/sh\n").bytes, makeZip(files)]),
        "a zip behind 10 other bytes, as of a program that unpacks itself",
      ],
    ];
    for (const [content, found] of kinds) {
      const bytes = typeof content === "string"
        ? Uint8Array.from(content, (letter) => letter.charCodeAt(0))
        : content;
      await rejects(contentsOf(bytes), (error: Error) => {
        ok(error.message.includes(`found ${found}, which is not supported`));
        ok(/; unpack it, or pack its contents so$/.test(error.message));
        return true;
      });
    }
  });

  it("when there is none", async () => {
    await rejects(
      openArchive(join(folder, "none.zip")),
      /Cannot read the archive: .*none\.zip: found no such file or folder, wanted a zip or tar\.gz$/,
    );
  });
});

describe("an archive with random damage", () => {
  const small: PackedFile[] = [
    textFile("info.txt", "1 0\n".repeat(40)),
    textFile(
      "a/noise",
      String.fromCharCode(
        ...Array.from({ length: 300 }, (_, i) => 33 + (i * i) % 90),
      ),
    ),
  ];
  const zip = makeZip(small);
  const zip64 = makeZip(small, { zip64: true, sizesFollow: true });
  const tar = makeTar(small, { pax: true });
  const tarGz = gzipSync(tar);
  const kinds: [name: string, damaged: (round: number) => Uint8Array][] = [
    ["zip", (round) => mutate(round % 2 === 0 ? zip : zip64, round)],
    [
      "tar.gz",
      (round) =>
        round % 4 === 0
          ? mutate(tarGz, round)
          : gzipSync(mutate(tar, round), { level: 1 }),
    ],
  ];
  for (const [name, damaged] of kinds) {
    it(`is read as it was or refused: 10,000 times a ${name}`, async () => {
      const rounds = 10_000;
      const limits = { ...usualLimits, freeBytes: 1 << 20 };
      let refused = 0;
      let next = 0;
      /** Rounds wait for zlib most of the time, so several go on at once. */
      const lane = async (path: string) => {
        for (let round = next++; round < rounds; round = next++) {
          try {
            const contents = await contentsOf(damaged(round), limits, path);
            if (name !== "zip") continue; // tar has no checksum over bytes
            for (const content of Object.values(contents)) {
              ok(
                small.some(({ bytes }) => Buffer.compare(bytes, content) === 0),
                `round ${round}`,
              );
            }
          } catch (error) {
            if (!(error instanceof DataError)) throw error;
            refused++;
          }
        }
      };
      const paths = Array.from({ length: 16 }, (_, i) => join(folder, `${i}`));
      await Promise.all(paths.map(lane));
      ok(refused > rounds / 4, `only ${refused} were refused`);
    });
  }
});
