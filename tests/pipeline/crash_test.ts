import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, it } from "@std/testing/bdd";

const script = fileURLToPath(new URL("./small/run_once.ts", import.meta.url));

function start(root: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "-A", script, root],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs to the end; what it printed. */
async function finish(child: Deno.ChildProcess): Promise<string> {
  const { success, stdout, stderr } = await child.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

/** Every file below a folder with its text. */
function tree(folder: string, prefix = ""): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of Deno.readDirSync(join(folder, prefix))) {
    const path = prefix + entry.name;
    if (entry.isDirectory) Object.assign(files, tree(folder, `${path}/`));
    else files[path] = Deno.readTextFileSync(join(folder, path));
  }
  return files;
}

/** What must be the same however a store came about: results and objects, and no leftovers. */
function outcome(root: string) {
  const cache = tree(join(root, ".cache"));
  return {
    runs: tree(join(root, "runs")),
    objects: tree(join(root, ".cache", "objects")),
    leftovers: Object.keys(cache).filter((path) =>
      /^(work|scratch|quarantine)\/|\.partial$/.test(path)
    ),
  };
}

async function withFolders(
  count: number,
  test: (roots: string[]) => Promise<void>,
): Promise<void> {
  const roots = Array.from(
    { length: count },
    () => Deno.makeTempDirSync({ prefix: "crash-" }),
  );
  try {
    await test(roots);
  } finally {
    for (const root of roots) Deno.removeSync(root, { recursive: true });
  }
}

describe("a killed run", () => {
  it("leaves a store from which the next run ends with the same bytes", async () => {
    await withFolders(2, async ([undisturbed, killed]) => {
      const startMs = performance.now();
      assert.equal(await finish(start(undisturbed)), "ran ran ran");
      const wholeMs = performance.now() - startMs;
      let kills = 0;
      for (let attempt = 0; attempt < 12; attempt++) {
        // Spread over the time a run takes; every third attempt starts from nothing again.
        if (attempt % 3 === 0) {
          for (const folder of [".cache", "runs"]) {
            try {
              Deno.removeSync(join(killed, folder), { recursive: true });
            } catch {
              // killed before it made one
            }
          }
        }
        const child = start(killed);
        const share = 0.3 + 0.7 * ((attempt * 7) % 12) / 12;
        const timer = setTimeout(() => {
          try {
            child.kill("SIGKILL");
          } catch {
            // it ended first
          }
        }, share * wholeMs);
        const { signal } = await child.output();
        clearTimeout(timer);
        if (signal === "SIGKILL") kills++;
      }
      console.error("kills", kills);
      assert.ok(kills >= 3, `only ${kills} runs were killed`);
      await finish(start(killed));
      assert.deepEqual(outcome(killed), outcome(undisturbed));
      assert.deepEqual(outcome(killed).leftovers, []);
      assert.equal(await finish(start(killed)), "fresh fresh fresh");
    });
  });
});

describe("processes on one store", () => {
  it("give one result: one computes, the others find it fresh", async () => {
    await withFolders(2, async ([alone, shared]) => {
      await finish(start(alone));
      const said = await Promise.all(
        [1, 2, 3].map(() => finish(start(shared))),
      );
      assert.deepEqual(said.sort(), [
        "fresh fresh fresh",
        "fresh fresh fresh",
        "ran ran ran",
      ]);
      assert.deepEqual(outcome(shared), outcome(alone));
    });
  });
});
