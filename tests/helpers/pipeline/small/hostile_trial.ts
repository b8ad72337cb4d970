/** Runs of a small pipeline beside a hostile shared cache. */
import assert from "node:assert/strict";
import type { TransferTimes } from "../../../../data/transfer_watch.ts";
import { RemoteCache } from "../../../../pipeline/remote/cache.ts";
import { Credentials } from "../../../../pipeline/remote/cache_options.ts";
import { recordedLog } from "../recorded_log.ts";
import { HostileCache, misdeeds, writeMisdeeds } from "./hostile_cache.ts";
import { Workspace } from "./workspace.ts";

/** How many runs go on at once: most of them wait. */
const lanes = 40;

const stageNames = ["numbers", "total", "report"];

async function runWith(
  workspace: Workspace,
  base: URL,
  times?: TransferTimes,
): Promise<string[]> {
  const log = recordedLog();
  using shared = new RemoteCache({
    base,
    writable: true,
    strict: false,
    credentials: Credentials.bearer("secret"),
  }, {
    log,
    signal: new AbortController().signal,
    ...(times === undefined ? {} : { times }),
  });
  await workspace.run({ shared, log });
  return log.warnings;
}

/**
 * Has each misdeed done to a run with an empty store, and holds what comes of it against an undisturbed run: the same files, nothing of the
 * server's left, and a later run without the server that finds everything fresh.
 *
 * @param times how patient the runs are; default: as usual
 * @returns how many misdeeds were tried
 */
export async function tryMisdeeds(times?: TransferTimes): Promise<number> {
  await using server = await HostileCache.start();
  using honest = new Workspace();
  await runWith(honest, server.url("well"));
  const right = honest.tree("runs");
  const names = [...Object.keys(misdeeds), ...Object.keys(writeMisdeeds)];
  const waiting = [...names];
  const work = async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) {
      await tryOne(server.url(name), name, right, times);
    }
  };
  await Promise.all(Array.from({ length: lanes }, work));
  assert.deepEqual(server.stolen, []);
  // What it holds is still right: nobody took a misdeed for a reason to write other bytes.
  using last = new Workspace();
  await runWith(last, server.url("well"));
  assert.deepEqual(last.ran, []);
  assert.deepEqual(last.tree("runs"), right);
  return names.length;
}

async function tryOne(
  url: URL,
  name: string,
  right: Record<string, string>,
  times: TransferTimes | undefined,
): Promise<void> {
  using workspace = new Workspace();
  const warnings = await runWith(workspace, url, times);
  assert.deepEqual(workspace.ran, stageNames, name);
  assert.deepEqual(workspace.tree("runs"), right, name);
  for (const warning of warnings) {
    assert.ok(warning.length < 500 && !warning.includes("secret"), name);
  }
  assert.deepEqual(
    [...Deno.readDirSync(workspace.root)].map(({ name }) => name).sort(),
    [".cache", "code", "deno.json", "runs"],
    name,
  );
  // Nothing of it is left that a run without the server would stumble over.
  await workspace.run();
  assert.deepEqual(workspace.ran, [], name);
  assert.deepEqual(workspace.tree("runs"), right, name);
  const sizes = Object.values(workspace.tree(".cache")).map(({ length }) =>
    length
  );
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(bytes < 200_000, `${name} left ${bytes} bytes`);
}
