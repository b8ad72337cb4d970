import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { describe, it } from "@std/testing/bdd";
import { PipelineError } from "../../../pipeline/errors.ts";
import { silentLog } from "../../../pipeline/log.ts";
import { collectGarbage } from "../../../pipeline/store/garbage.ts";
import { checkStore } from "../../../pipeline/store/store_check.ts";
import { Workspace } from "../../helpers/pipeline/small/workspace.ts";

/** Other people's files: a disk with a folder, a drawing and a text. */
class Disk implements Disposable {
  readonly root = Deno.makeTempDirSync({ prefix: "disk-" });

  constructor() {
    Deno.mkdirSync(join(this.root, "thesis"));
    for (const name of ["thesis/thesis.tex", "mine.svg", "file"]) {
      Deno.writeTextFileSync(join(this.root, name), "precious");
    }
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.root, { recursive: true });
  }

  check(): void {
    assert.deepEqual(
      [...Deno.readDirSync(this.root)].map(({ name }) => name).sort(),
      ["file", "mine.svg", "thesis"],
    );
    for (const name of ["thesis/thesis.tex", "mine.svg", "file"]) {
      const text = Deno.readTextFileSync(join(this.root, name));
      assert.equal(text, "precious");
    }
  }
}

/** Puts a link where the program keeps something of its own. */
function link(target: string, place: string): void {
  Deno.mkdirSync(dirname(place), { recursive: true });
  try {
    Deno.removeSync(place, { recursive: true });
  } catch {
    // it was not there
  }
  Deno.symlinkSync(target, place);
}

const collection = {
  needed: new Set<string>(),
  isPresent: () => false,
  nowMs: Date.now(),
  dryRun: false,
  signal: new AbortController().signal,
};

describe("files of others", () => {
  for (
    const place of [
      ".cache/scratch",
      ".cache/work",
      ".cache/locks",
      ".cache/objects",
      ".cache/actions",
      ".cache/latest",
      ".cache/latest/small",
      ".cache/quarantine",
      ".cache/index",
      ".cache/runs",
      "runs",
      "runs/small",
      "runs/small/total",
    ]
  ) {
    it(`are out of reach of a link at ${place}, which is refused`, async () => {
      using workspace = new Workspace();
      using disk = new Disk();
      await workspace.run();
      link(disk.root, workspace.path(place));
      workspace.settings.total.scale = 3;
      await assert.rejects(workspace.run(), (error: Error) => {
        assert.ok(error instanceof PipelineError);
        assert.match(error.message, /: found a symbolic link, wanted a place/);
        assert.ok(error.message.includes(workspace.path(place)));
        return true;
      });
      if (/^\.cache\/\w+$/.test(place)) {
        await assert.rejects(
          collectGarbage(workspace.store(), collection),
          PipelineError,
        );
      }
      disk.check();
    });
  }

  for (const place of ["objects", "actions", "scratch", "index"]) {
    it(`are refused in place of the store's folder ${place} before anything is computed`, async () => {
      using workspace = new Workspace();
      const path = workspace.path(`.cache/${place}`);
      Deno.mkdirSync(workspace.path(".cache"), { recursive: true });
      Deno.writeTextFileSync(path, "theirs");
      await assert.rejects(workspace.run(), (error: Error) => {
        assert.ok(error instanceof PipelineError);
        assert.match(error.message, /: found a file, wanted a folder of this/);
        assert.ok(error.message.includes(path), error.message);
        return true;
      });
      assert.equal(Deno.readTextFileSync(path), "theirs");
      assert.deepEqual(workspace.ran, []);
    });
  }

  for (const kind of ["objects", "actions"]) {
    it(`are out of reach of a link in place of a folder of ${kind}`, async () => {
      using workspace = new Workspace();
      using disk = new Disk();
      await workspace.run();
      // Where others keep files under such names too: another store, or a backup of this one.
      const digest = `ab${"0".repeat(62)}`;
      const theirs = join(
        disk.root,
        kind === "objects" ? digest : `${digest}.json`,
      );
      const partial = join(disk.root, `${digest}.json.1-a-1.partial`);
      for (const path of [theirs, partial]) Deno.writeTextFileSync(path, "{}");
      link(disk.root, workspace.path(`.cache/${kind}/ab`));
      const store = workspace.store();
      const uses = [
        () => collectGarbage(store, collection),
        () => checkStore(store, { ...collection, log: silentLog }),
        () => store.objects.quarantine(digest),
      ];
      for (const use of kind === "objects" ? uses : uses.slice(0, 2)) {
        await assert.rejects(use, /ab: found a symbolic link, wanted a place/);
      }
      for (const path of [theirs, partial]) Deno.removeSync(path);
      disk.check();
    });
  }

  for (const place of [".cache/CACHEDIR.TAG", ".cache/lock"]) {
    it(`are not written through a link at ${place}`, async () => {
      using workspace = new Workspace();
      using disk = new Disk();
      link(join(disk.root, "file"), workspace.path(place));
      await assert.rejects(workspace.run(), /found a symbolic link/);
      disk.check();
    });
  }

  for (
    const place of [
      ".cache/index/sources.json",
      ".cache/latest/small/total.json",
    ]
  ) {
    it(`are not read without end through a link at ${place}`, {
      skip: Deno.build.os === "windows",
    }, async () => {
      using workspace = new Workspace();
      await workspace.run();
      link("/dev/zero", workspace.path(place));
      workspace.settings.total.scale = 3;
      await assert.rejects(
        workspace.run(),
        /Cannot read what this program keeps: .*: found a device or a pipe, wanted a file that it wrote; move it away$/,
      );
    });
  }

  it("are not written through a link at the note of a lock's holder", async () => {
    using workspace = new Workspace();
    using disk = new Disk();
    const lock = workspace.store().runLockPath(workspace.path("runs/small"));
    link(join(disk.root, "file"), `${lock}.holder.json`);
    await assert.rejects(workspace.run(), /found a symbolic link/);
    disk.check();
  });

  it("are not written through a link at a result, which a file takes the place of", async () => {
    using workspace = new Workspace();
    using disk = new Disk();
    await workspace.run();
    const place = workspace.path("runs/small/total/total.txt");
    link(join(disk.root, "file"), place);
    await workspace.run();
    assert.equal(Deno.readTextFileSync(place), "20");
    assert.ok(Deno.lstatSync(place).isFile);
    disk.check();
  });

  it("stay in the store's folders, whatever is collected there", async () => {
    using workspace = new Workspace();
    const places = [
      "scratch/thesis",
      "work/thesis",
      "locks/thesis",
      "quarantine/thesis",
      "objects/thesis",
      "objects/ab/thesis",
      "actions/ab/thesis.json",
      "thesis.partial",
    ].map((place) => join(workspace.storeDirectory, place));
    for (const place of places) {
      Deno.mkdirSync(dirname(place), { recursive: true });
      Deno.writeTextFileSync(place, "precious");
    }
    await workspace.run();
    await collectGarbage(workspace.store(), collection);
    for (const place of places) {
      assert.equal(Deno.readTextFileSync(place), "precious");
    }
  });

  it("are not removed when a folder is in a result's place", async () => {
    using workspace = new Workspace();
    await workspace.run();
    const place = workspace.path("runs/small/total/total.txt");
    Deno.removeSync(place);
    Deno.mkdirSync(place);
    Deno.writeTextFileSync(join(place, "mine"), "precious");
    await assert.rejects(
      workspace.run(),
      /total\.txt: found a directory in place of a file; move that directory/,
    );
    assert.equal(Deno.readTextFileSync(join(place, "mine")), "precious");
  });
});
