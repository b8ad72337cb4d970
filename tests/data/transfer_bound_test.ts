import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { join } from "@std/path";
import {
  freeBytes,
  mostBytesOf,
  TooLarge,
  writePiece,
} from "../../data/transfer_bound.ts";

let folder: string;
beforeEach(() => {
  folder = Deno.makeTempDirSync();
});
afterEach(() => Deno.removeSync(folder, { recursive: true }));

const tooLarge = (isDisk: boolean, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof TooLarge);
  assert.equal(error.isDisk, isDisk);
  assert.match(error.message, message);
  return true;
};

describe("the size that a transfer may have", () => {
  const limitBytes = 2 ** 50;

  it("is what the other side states", () => {
    const expected = { statedBytes: 1000, doneBytes: 10, limitBytes };
    assert.equal(mostBytesOf(folder, expected), 1000);
  });

  it("is not stated beyond what a file may have, or the disk has room for", () => {
    assert.throws(
      () =>
        mostBytesOf(folder, { statedBytes: 11, doneBytes: 0, limitBytes: 10 }),
      tooLarge(false, /^a file of more than 10 bytes$/),
    );
    const statedBytes = 2 ** 49;
    assert.throws(
      () => mostBytesOf(folder, { statedBytes, doneBytes: 0, limitBytes }),
      tooLarge(
        true,
        /^562949953421312 bytes, more than this disk has room for$/,
      ),
    );
    // What is there already needs no more room.
    const expected = { statedBytes, doneBytes: statedBytes - 1, limitBytes };
    assert.equal(mostBytesOf(folder, expected), statedBytes);
  });

  it("is half of the room when nothing is stated", () => {
    const free = freeBytes(folder);
    const most = mostBytesOf(folder, {
      statedBytes: undefined,
      doneBytes: 0,
      limitBytes,
    });
    assert.ok(Math.abs(most - free / 2) < free / 20, `${most} of ${free}`);
    const limited = { statedBytes: undefined, doneBytes: 0, limitBytes: 7 };
    assert.equal(mostBytesOf(folder, limited), 7);
  });
});

describe("a piece", () => {
  it("is written whole, or not at all when the file would outgrow its size", async () => {
    const path = join(folder, "file");
    {
      using file = Deno.openSync(path, { write: true, create: true });
      assert.equal(await writePiece(file, Uint8Array.of(1, 2), 0, 3), 2);
      await assert.rejects(
        () => writePiece(file, Uint8Array.of(3, 4), 2, 3),
        tooLarge(false, /^a file of more than 3 bytes$/),
      );
    }
    assert.deepEqual([...Deno.readFileSync(path)], [1, 2]);
  });

  it("is refused by a full disk", async () => {
    // What the system says, without filling a disk.
    const full = {
      write: () =>
        Promise.reject(new Error("No space left on device (os error 28)")),
    } as unknown as Deno.FsFile;
    await assert.rejects(
      () => writePiece(full, Uint8Array.of(1), 0, 10),
      tooLarge(true, /^more than this disk has room for$/),
    );
  });
});
