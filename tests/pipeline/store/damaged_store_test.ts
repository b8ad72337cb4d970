import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../../data/random.ts";
import { silentLog } from "../../../pipeline/log.ts";
import { checkStore } from "../../../pipeline/store/store_check.ts";
import { files } from "../../helpers/pipeline/small/files.ts";
import { Workspace } from "../../helpers/pipeline/small/workspace.ts";

const damages = 200;

/** Flips a bit, cuts the file short or removes it, and leaves its times as they were, as a failing disk would. */
function damage(path: string, stream: RandomStream): string {
  const info = Deno.statSync(path);
  const bytes = Deno.readFileSync(path);
  const kinds = bytes.length > 0 ? ["flip", "cut", "remove"] : ["remove"];
  const kind = kinds[stream.integer(kinds.length)];
  if (kind === "remove") {
    Deno.removeSync(path);
    return kind;
  }
  Deno.chmodSync(path, 0o644);
  if (kind === "flip") {
    bytes[stream.integer(bytes.length)] ^= 1 << stream.integer(8);
    Deno.writeFileSync(path, bytes);
  } else Deno.truncateSync(path, stream.integer(bytes.length));
  Deno.utimeSync(path, info.mtime!, info.mtime!);
  return kind;
}

describe("a damaged store", () => {
  it(`never gives a wrong result: ${damages} flips, cuts and removals in random places`, async () => {
    using workspace = new Workspace();
    await workspace.run();
    const expected = files(workspace.runsDirectory);
    const tally: Record<string, number> = {};
    const root = workspace.storeDirectory;
    for (let trial = 0; trial < damages; trial++) {
      const stream = new RandomStream(7, "damage", trial);
      const paths = Object.keys(files(root)).filter((path) =>
        !path.startsWith("quarantine/")
      );
      const path = paths[stream.integer(paths.length)];
      const kind = damage(join(root, path), stream);
      const place = path.split("/")[0];
      const where = `trial ${trial}: ${kind} of ${path}`;
      // What is only looked at when it is needed: every other time the results are gone as well.
      if (stream.chance(0.5)) {
        Deno.removeSync(workspace.runsDirectory, { recursive: true });
      }
      if (stream.chance(0.5) && kind !== "remove") {
        const check = await checkStore(workspace.store(), {
          log: silentLog,
          signal: new AbortController().signal,
        });
        const found = [...check.damagedObjects, ...check.damagedRecords];
        const name = basename(path, ".json");
        const isCounted = place === "objects" || place === "actions";
        assert.equal(found.includes(name), isCounted, where);
        tally[`${place} verified`] = (tally[`${place} verified`] ?? 0) + 1;
      }
      await workspace.run();
      assert.deepEqual(files(workspace.runsDirectory), expected, where);
      tally[place] = (tally[place] ?? 0) + 1;
    }
    // Once more with nothing but the store: no damage was overlooked and left in it.
    Deno.removeSync(workspace.runsDirectory, { recursive: true });
    await workspace.run();
    assert.deepEqual(files(workspace.runsDirectory), expected);
    const { damagedObjects, damagedRecords } = await checkStore(
      workspace.store(),
      { log: silentLog, signal: new AbortController().signal },
    );
    assert.deepEqual([...damagedObjects, ...damagedRecords], []);
    for (const place of ["objects", "actions", "latest", "runs"]) {
      assert.ok(tally[place] > 5, `${place}: ${JSON.stringify(tally)}`);
    }
    for (const place of ["objects verified", "actions verified"]) {
      assert.ok(tally[place] > 5, JSON.stringify(tally));
    }
  });
});
