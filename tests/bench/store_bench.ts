/**
 * What the store costs: `./run bench:store [objects] [restored MiB]`, on the file system of the temporary folder.
 *
 * - restoring an artifact against `cp` + `sha256sum` of the same file, in turns, the fastest of three each;
 * - listing, verifying and collecting a store of many small objects, and the most memory that it took.
 *
 * @module
 */
import { dirname, join } from "node:path";
import type { ActionRecord } from "../../pipeline/store/action_record.ts";
import { usageOf, verifyAll } from "../../pipeline/cache.ts";
import { collectGarbage } from "../../pipeline/store/garbage.ts";
import { sha256, sha256File } from "../../pipeline/files/hash.ts";
import { silentLog } from "../../pipeline/log.ts";
import { Store } from "../../pipeline/store/store.ts";
import { RunDirectory } from "../../pipeline/engine/run_directory.ts";
import { runProcess } from "../helpers/command_line.ts";

const [objects = "100000", mebibytes = "1024"] = Deno.args;
const signal = new AbortController().signal;
const folder = Deno.makeTempDirSync({ prefix: "store-bench-" });

async function secondsOf(action: () => unknown): Promise<number> {
  const startMs = performance.now();
  await action();
  return (performance.now() - startMs) / 1000;
}

async function restoreFigures(sizeMib: number): Promise<void> {
  const store = new Store(join(folder, "restore"));
  await store.create({ signal });
  const file = join(store.root, "artifact");
  const chunk = new Uint8Array(1 << 20);
  {
    using opened = Deno.openSync(file, { write: true, create: true });
    for (let i = 0; i < sizeMib; i++) {
      for (let at = 0; at < chunk.length; at += 4096) chunk[at] = i + at;
      opened.writeSync(chunk);
    }
  }
  const { digest, sizeBytes } = await store.objects.take(file);
  const output = { path: "artifact", digest, sizeBytes };
  const copy = join(folder, "copy");
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < 3; round++) {
    theirs.push(
      await secondsOf(async () => {
        await runProcess("cp", [store.objects.path(digest), copy]);
        await runProcess("sha256sum", [copy]);
      }),
    );
    Deno.removeSync(copy);
    const path = join(folder, `run_${round}`);
    const run = new RunDirectory(
      path,
      store.runStatePath(path),
      store.objects,
    );
    await run.create();
    ours.push(await secondsOf(() => run.restore("stage1", [output])));
    Deno.removeSync(path, { recursive: true });
  }
  const [restore, reference] = [Math.min(...ours), Math.min(...theirs)];
  console.log(
    `restore ${sizeMib} MiB: ${restore.toFixed(2)} s, cp + sha256sum ${
      reference.toFixed(2)
    } s: ${(restore / reference).toFixed(2)}×`,
  );
}

/** A store of `count` objects of 1 KiB, a hundred to a record; every tenth record is a day old. */
async function fill(store: Store, count: number): Promise<void> {
  await store.create({ signal });
  const perRecord = 100;
  for (let first = 0; first < count; first += perRecord) {
    const outputs: ActionRecord["outputs"] = [];
    for (let i = first; i < Math.min(first + perRecord, count); i++) {
      const bytes = new TextEncoder().encode(
        `${i} `.repeat(200).slice(0, 1024),
      );
      const digest = sha256(bytes);
      const path = store.objects.path(digest);
      Deno.mkdirSync(dirname(path), { recursive: true });
      Deno.writeFileSync(path, bytes);
      outputs.push({ path: `${i}.csv`, digest, sizeBytes: bytes.length });
    }
    const key = sha256(`key ${first}`);
    await store.writeRecord({
      key,
      facts: {
        schema: 1,
        stage: "extract",
        parameters: {},
        inputs: {},
        external: [],
        code: {},
        packages: {},
      },
      outputs,
      provenance: {
        config: "bench",
        reasons: [],
        startedAt: new Date().toISOString(),
        wallTimeSeconds: 0,
        host: "",
        deno: Deno.version.deno,
        codeDigest: "",
        adapter: null,
      },
    });
    if ((first / perRecord) % 10 === 0) {
      const yesterday = new Date(Date.now() - 86_400_000);
      const path = join(store.root, "actions", key.slice(0, 2), `${key}.json`);
      Deno.utimeSync(path, yesterday, yesterday);
    }
  }
}

async function manyFigures(count: number): Promise<void> {
  const store = new Store(join(folder, "many"));
  await fill(store, count);
  const baseMib = Deno.memoryUsage().rss / 2 ** 20;
  let mostMib = baseMib;
  const timer = setInterval(() => {
    mostMib = Math.max(mostMib, Deno.memoryUsage().rss / 2 ** 20);
  }, 50);
  const measure = async (name: string, action: () => Promise<string>) => {
    let said = "";
    const seconds = await secondsOf(async () => said = await action());
    mostMib = Math.max(mostMib, Deno.memoryUsage().rss / 2 ** 20);
    console.log(
      `${name} ${count} objects: ${seconds.toFixed(2)} s, ${
        Math.round(count / seconds)
      } objects/s${said}`,
    );
  };
  const place = { storeDirectory: store.root };
  await measure("list", () => {
    const usage = usageOf(place);
    return Promise.resolve(`, ${usage.records} records`);
  });
  await measure("verify", async () => {
    const check = await verifyAll({ ...place, log: silentLog, signal });
    return `, ${check.damagedObjects.length} damaged`;
  });
  await measure("collect", async () => {
    const gone = await collectGarbage(store, {
      needed: new Set(),
      isPresent: () => false,
      maxAgeMs: 3_600_000,
      nowMs: Date.now(),
      dryRun: false,
      signal,
    });
    return `, ${gone.objects} of them removed`;
  });
  clearInterval(timer);
  console.log(
    `memory: ${Math.round(mostMib)} MiB at most, ${
      Math.round(baseMib)
    } MiB before`,
  );
}

async function hashFigure(): Promise<void> {
  const file = join(folder, "hashed");
  Deno.writeFileSync(file, new Uint8Array(1 << 28));
  await sha256File(file); // reads it into the page cache
  const seconds = await secondsOf(() => sha256File(file));
  console.log(`hash: ${Math.round(2 ** 28 / 1e6 / seconds)} MB/s`);
}

try {
  await hashFigure();
  await restoreFigures(Number(mebibytes));
  await manyFigures(Number(objects));
} finally {
  Deno.removeSync(folder, { recursive: true });
}
