import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { DataError, encodePng, patchTypes } from "../../../data/mod.ts";
import { pixels, pixelsDimension } from "../../../pipeline/baselines/pixels.ts";
import type { Describer } from "../../../pipeline/descriptors/describers.ts";
import { describeSequences } from "../../../pipeline/descriptors/describe_sequences.ts";
import { silentLog } from "../../../pipeline/log.ts";
import { randomPatch } from "../baselines/patches.ts";

const sequences = ["i_a", "i_b", "v_c", "v_d"];

let folder: string;

beforeEach(async () => {
  folder = await Deno.makeTempDir();
  for (const [at, sequence] of sequences.entries()) {
    await Deno.mkdir(join(folder, "strips", sequence), { recursive: true });
    for (const [index, type] of patchTypes.entries()) {
      // Strips of one to three patches, so that none can be taken for another.
      const count = 1 + (at + index) % 3;
      const strip = new Uint8Array(count * 65 * 65);
      for (let i = 0; i < count; i++) {
        strip.set(randomPatch(100 * at + 3 * index + i, 65), i * 65 * 65);
      }
      const image = { width: 65, height: count * 65, pixels: strip };
      await Deno.writeFile(stripOf(sequence, type), encodePng(image));
    }
  }
});

afterEach(() => Deno.remove(folder, { recursive: true }));

function stripOf(sequence: string, type: string): string {
  return join(folder, "strips", sequence, `${type}.png`);
}

/** What describes, and is told before each sequence how many were begun. */
function describer(onSequence: (begun: number) => void = () => {}): Describer {
  let begun = 0;
  return {
    dimension: pixelsDimension,
    async describe(patches, side) {
      onSequence(begun++);
      // As a GPU does, it leaves the thread to others meanwhile.
      await new Promise((resolve) => setTimeout(resolve, 5));
      return pixels(patches, side);
    },
    [Symbol.dispose]() {},
  };
}

async function run(
  workers: number,
  target: string,
  by = describer(),
  signal = new AbortController().signal,
): Promise<void> {
  await describeSequences(by, {
    source: join(folder, "strips"),
    sequences,
    target: join(folder, target),
    label: "describe",
    log: silentLog,
    signal,
    workers,
  });
}

/** Contents of all files that were written, by sequence and name. */
function written(target: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const sequence of sequences) {
    const path = join(folder, target, sequence);
    let names: string[] = [];
    try {
      names = [...Deno.readDirSync(path)].map(({ name }) => name);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    for (const name of names.sort()) {
      files.set(`${sequence}/${name}`, Deno.readTextFileSync(join(path, name)));
    }
  }
  return files;
}

describe("describeSequences", () => {
  it("writes the same bytes on one thread and on several", async () => {
    await run(0, "here");
    await run(3, "elsewhere");
    const [here, elsewhere] = [written("here"), written("elsewhere")];
    assert.equal(here.size, sequences.length * patchTypes.length);
    assert.deepEqual(elsewhere, here);
    const lines = (name: string) => here.get(name)!.trimEnd().split("\n");
    assert.deepEqual(
      ["i_a/ref.csv", "i_a/e1.csv", "v_c/ref.csv"].map((name) =>
        lines(name).length
      ),
      [1, 2, 3],
    );
    assert.equal(new Set(here.values()).size, here.size);
  });

  for (const workers of [0, 3]) {
    it(`names the first of several damaged strips, and keeps the sequences before it (${workers} workers)`, async () => {
      for (const type of ["t5", "e2", "h1"]) {
        await Deno.truncate(stripOf("v_c", type), 100);
      }
      await assert.rejects(run(workers, "out"), (error: Error) => {
        assert.ok(error instanceof DataError);
        assert.match(error.message, /v_c\/e2\.png: found a damaged PNG/);
        return true;
      });
      const names = [...written("out").keys()];
      assert.equal(names.length, 2 * patchTypes.length);
      assert.ok(names.every((name) => /^i_[ab]\/\w+\.csv$/.test(name)));
    });

    it(`leaves no file half written when it is stopped, or when describing fails (${workers} workers)`, async () => {
      const stop = new AbortController();
      const stopping = describer((begun) => {
        if (begun === 1) stop.abort(new Error("stopped"));
      });
      await assert.rejects(
        run(workers, "stopped", stopping, stop.signal),
        /stopped/,
      );
      const failing = describer((begun) => {
        if (begun === 1) throw new Error("out of order");
      });
      await assert.rejects(run(workers, "failed", failing), /out of order/);
      for (const [target, sequences] of [["stopped", 2], ["failed", 1]]) {
        const names = [...written(String(target)).keys()];
        assert.equal(names.length, Number(sequences) * patchTypes.length);
        assert.ok(names.every((name) => name.endsWith(".csv")), `${names}`);
      }
    });

    it(`says which value no file can hold (${workers} workers)`, async () => {
      const broken: Describer = {
        ...describer(),
        describe: (patches) =>
          Promise.resolve(
            new Float32Array(patches.length / 65 ** 2 * pixelsDimension)
              .fill(NaN),
          ),
      };
      await assert.rejects(
        run(workers, "out", broken),
        /i_a\/ref\.csv: row 1, value 1: found NaN/,
      );
      assert.deepEqual(written("out").size, 0);
    });
  }
});
