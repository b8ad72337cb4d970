import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "@std/path";
import { after, before, describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../../data/random.ts";
import { sha256 } from "../../../pipeline/files/hash.ts";
import {
  PairJournal,
  type PairRecord,
} from "../../../pipeline/matching/exchange/pair_journal.ts";

let folder: string;

before(() => {
  folder = Deno.makeTempDirSync();
});

after(() => Deno.removeSync(folder, { recursive: true }));

const keyOf = (number: number) => sha256(`photograph ${number}`);

function recordOf(number: number): PairRecord {
  const stream = new RandomStream(number, "journal");
  const count = number % 4 === 0 ? 0 : stream.integer(30);
  const draw = () => stream.uniform();
  const geometries: PairRecord["geometry"][] = [
    undefined,
    null,
    { kind: "homography", matrix: Float64Array.from({ length: 9 }, draw) },
    { kind: "fundamental", matrix: Float64Array.from({ length: 9 }, draw) },
  ];
  return {
    matches: Uint32Array.from({ length: 2 * count }, () => stream.bits()),
    distances: Float32Array.from({ length: count }, draw),
    ratios: Float32Array.from({ length: count }, draw),
    geometry: geometries[number % 4],
    inliers: Uint32Array.from({ length: count >> 1 }, (_, i) => 2 * i),
  };
}

const pairs = Array.from({ length: 20 }, (_, number) => number);

async function write(path: string, numbers: readonly number[]) {
  using journal = await PairJournal.open(path);
  for (const number of numbers) {
    await journal.add(keyOf(number), keyOf(number + 1), recordOf(number));
  }
}

describe("a journal of pairs", () => {
  it("gives back what was added, in the same run and in the next", async () => {
    const path = join(folder, "whole");
    await write(path, pairs.slice(0, 12));
    using journal = await PairJournal.open(path);
    for (const number of pairs.slice(12)) {
      await journal.add(keyOf(number), keyOf(number + 1), recordOf(number));
    }
    for (const number of pairs) {
      deepEqual(
        journal.read(keyOf(number), keyOf(number + 1)),
        recordOf(number),
      );
    }
    equal(journal.has(keyOf(1), keyOf(0)), false);
  });

  it("keeps the whole entries before whatever place it was cut off or damaged at", async () => {
    const path = join(folder, "cut");
    await write(path, pairs);
    const whole = Deno.readFileSync(path);
    const stream = new RandomStream(5, "cuts");
    for (let trial = 0; trial < 60; trial++) {
      const at = stream.integer(whole.length);
      const bytes = whole.slice();
      const isCut = trial % 2 === 0;
      if (!isCut) bytes[at] ^= 1 + stream.integer(255);
      Deno.writeFileSync(path, isCut ? bytes.subarray(0, at) : bytes);
      {
        using journal = await PairJournal.open(path);
        const kept = pairs.filter((number) =>
          journal.has(keyOf(number), keyOf(number + 1))
        );
        deepEqual(kept, pairs.slice(0, kept.length));
        ok(kept.length < pairs.length);
        for (const number of kept) {
          deepEqual(
            journal.read(keyOf(number), keyOf(number + 1)),
            recordOf(number),
          );
        }
        for (const number of pairs.slice(kept.length)) {
          await journal.add(keyOf(number), keyOf(number + 1), recordOf(number));
        }
      }
      deepEqual(Deno.readFileSync(path), whole, `trial ${trial}`);
    }
  });
});
