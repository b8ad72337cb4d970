import { deepEqual, equal, match, notEqual, rejects } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { type Config, parseConfig } from "../../../pipeline/config.ts";
import { datasetHosts } from "../../../pipeline/sources/dataset_hosts.ts";
import { download } from "../../../pipeline/stages/download.ts";
import { makeTarGz, makeZip } from "../../helpers/data/archives.ts";
import { FaultServer } from "../../helpers/data/fault_server.ts";
import {
  hpatchesFiles,
  photoTourFiles,
  taskFiles,
} from "../../helpers/data/published_files.ts";
import { stageContext } from "./context.ts";

const sequences = Array.from({ length: 10 }, (_, i) => `${"iv"[i % 2]}_s${i}`);
const liberty = photoTourFiles(20, 1);
const notredame = photoTourFiles(30, 2);
const hpatches = hpatchesFiles(sequences, 2);
const tasks = taskFiles(sequences, 2);

/** The same sets as their first packer and as another packed them. */
const archives = {
  "/first/liberty.zip": makeZip(liberty),
  "/first/notredame.zip": makeZip(notredame),
  "/first/hpatches.zip": makeZip(hpatches, { prefix: "hpatches-release/" }),
  "/first/tasks.tar.gz": makeTarGz(tasks, {
    prefix: "benchmark-1/",
    pax: true,
  }),
  "/other/liberty.zip": makeZip(liberty.toReversed(), {
    prefix: "UBC/liberty/",
    zip64: true,
  }),
  "/other/notredame.zip": makeTarGz(notredame),
  "/other/hpatches.zip": makeZip(hpatches, { stored: true }),
  "/other/tasks.tar.gz": makeZip(tasks, { sizesFollow: true }),
};

let server: FaultServer;
let folder: string;
beforeEach(async () => {
  server = new FaultServer();
  for (const [path, bytes] of Object.entries(archives)) {
    server.files.set(path, { bytes, faults: [] });
  }
  folder = await Deno.makeTempDir();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await Deno.remove(folder, { recursive: true });
});

/** A config that fetches from some packers, in this order. */
function configWith(packers: string[], more = ""): Config {
  const mirrors = [
    ["liberty", "liberty.zip"],
    ["notredame", "notredame.zip"],
    ["hpatches", "hpatches.zip"],
    ["tasks", "tasks.tar.gz"],
  ].map(([set, file]) => {
    const urls = packers.map((packer) => `${server.origin}/${packer}/${file}`);
    return `${set} = ${JSON.stringify(urls)}\n`;
  });
  const text = `[download]
source = "phototour"
training_set = "liberty"
test_sets = ["notredame"]
partial_sets = true
[evaluate]
splits = ["a"]
[mirrors]
${mirrors.join("")}${more}`;
  return parseConfig(text, "test.toml");
}

/** Runs the stage into a new folder. @returns digests of the output files by path */
async function run(
  name: string,
  config: Config,
  pinnedContents: Record<string, string> = {},
): Promise<Record<string, string>> {
  const place = join(folder, name);
  await Deno.mkdir(join(place, "output"), { recursive: true });
  await download.run({ ...stageContext(place, config), pinnedContents });
  return digestsBelow(join(place, "output"));
}

function digestsBelow(directory: string, prefix = ""): Record<string, string> {
  const digests: Record<string, string> = {};
  for (const entry of Deno.readDirSync(join(directory, prefix))) {
    const path = prefix + entry.name;
    if (entry.isDirectory) {
      Object.assign(digests, digestsBelow(directory, `${path}/`));
    } else {
      const bytes = Deno.readFileSync(join(directory, path));
      digests[path] = createHash("sha256").update(bytes).digest("hex");
    }
  }
  return digests;
}

function manifestOf(name: string) {
  const path = join(folder, name, "output", "manifest.json");
  return JSON.parse(Deno.readTextFileSync(path));
}

/** The contents digest as a shell computes it: sha256sum of sha256sum's lines in the order of the names. */
function contentsOf(files: typeof liberty): string {
  const lines = files
    .filter(({ name }) => name !== "interest.txt")
    .map((
      { name, bytes },
    ) => [name, createHash("sha256").update(bytes).digest("hex")])
    .sort(([a], [b]) => a < b ? -1 : 1)
    .map(([name, digest]) => `${digest}  ${name}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}

describe("the download stage, fetching", () => {
  it("gives the same bytes whoever packed the archives, and notes their contents", async () => {
    const one = await run("one", configWith(["first"]));
    deepEqual(await run("two", configWith(["other"])), one);
    const manifest = manifestOf("one");
    equal(manifest.training_patches, 40);
    deepEqual(manifest.sequences, sequences.toSorted());
    equal(manifest.contents.liberty, contentsOf(liberty));
    equal(manifest.contents.notredame, contentsOf(notredame));
    equal(manifest.contents.hpatches, contentsOf(hpatches));
    deepEqual(Object.keys(manifest.contents).sort(), [
      "hpatches",
      "liberty",
      "notredame",
      "tasks",
    ]);
  });

  it("keeps the archives, and nothing that was unpacked", async () => {
    await run("one", configWith(["first"]));
    deepEqual(
      Object.keys(digestsBelow(join(folder, "one", "downloads"))).sort()
        .filter((path) => !path.endsWith(".lock")),
      ["hpatches-release.zip", "liberty.zip", "notredame.zip", "tasks.tar.gz"],
    );
    deepEqual(digestsBelow(join(folder, "one", "scratch")), {});
    const asked = server.seen.length;
    await Deno.remove(join(folder, "one", "output"), { recursive: true });
    await run("one", configWith(["first"]));
    equal(server.seen.length, asked);
  });

  it("looks into source_dir first, for archives and folders, and changes nothing there", async () => {
    const local = join(folder, "local");
    await Deno.mkdir(join(local, "notredame"), { recursive: true });
    for (const { name, bytes } of notredame) {
      await Deno.writeFile(join(local, "notredame", name), bytes);
    }
    await Deno.writeFile(
      join(local, "liberty.zip"),
      archives["/other/liberty.zip"],
    );
    const before = digestsBelow(local);
    const config = configWith(["first"]);
    const here = {
      ...config,
      download: { ...config.download, source_dir: local },
    };
    deepEqual(await run("here", here), await run("fetched", config));
    deepEqual(digestsBelow(local), before);
    deepEqual(
      (await download.externalFiles!(here)).map((path) =>
        path.slice(local.length)
      ),
      [
        "/liberty.zip",
        "/notredame/info.txt",
        "/notredame/m50_100000_100000_0.txt",
        "/notredame/patches0000.bmp",
      ],
    );
  });

  it("passes over a mirror with other contents than were pinned, and tells both when there is no other", async () => {
    const pins = { liberty: contentsOf(liberty) };
    server.files.set("/first/liberty.zip", {
      bytes: makeZip(photoTourFiles(20, 3)),
      faults: [],
    });
    const one = await run("one", configWith(["first", "other"]), pins);
    deepEqual(one, await run("two", configWith(["other"]), pins));
    const message =
      /^DataError: Cannot fetch liberty\.zip: found 127\.0\.0\.1:\d+: contents [0-9a-f]{64} instead of [0-9a-f]{64}, as the config's lock file says; put liberty\.zip/;
    await rejects(run("three", configWith(["first"]), pins), message);
    const config = configWith(
      ["first"],
      `[contents]\nliberty = "${pins.liberty}"\n`,
    );
    await rejects(
      run("four", config),
      /as \[contents\] of the config says; put/,
    );
    const local = join(folder, "copies");
    await Deno.mkdir(local);
    await Deno.writeFile(
      join(local, "liberty.zip"),
      server.files.get("/first/liberty.zip")!.bytes,
    );
    config.download.source_dir = local;
    await rejects(
      run("five", config),
      /^DataError: Cannot accept liberty: .*liberty\.zip: found contents [0-9a-f]{64}, wanted [0-9a-f]{64}, as \[contents\] of the config says; replace the copy; or, if it is the one you want, change \[contents\] of the config$/,
    );
  });

  it("passes over a mirror whose archive its own readers refuse", async () => {
    const noSheet = liberty.filter(({ name }) => !name.endsWith(".bmp"));
    server.files.set("/first/liberty.zip", {
      bytes: makeZip(noSheet),
      faults: [],
    });
    server.files.set("/first/hpatches.zip", {
      bytes: makeZip(hpatches.slice(1)),
      faults: [],
    });
    server.files.set("/first/tasks.tar.gz", {
      bytes: makeZip(liberty),
      faults: [],
    });
    deepEqual(
      await run("one", configWith(["first", "other"])),
      await run("two", configWith(["other"])),
    );
    await rejects(
      run("three", configWith(["first"])),
      /Cannot fetch tasks\.tar\.gz: found .*: no file like splits\/splits\.json instead of the files of tasks; put/,
    );
  });

  it("says before any work what is missing when it may not fetch", async () => {
    const config = configWith(["first"]);
    config.download.offline = true;
    await rejects(
      run("one", config),
      /^DataError: Cannot provide the data sets: liberty, notredame, hpatches, tasks: found no copy, and nothing is fetched \(offline\); put liberty\.zip, notredame\.zip, hpatches-release\.zip, tasks\.tar\.gz, or them unpacked, into a folder and name that with --set download\.source_dir=FOLDER$/,
    );
    await rejects(
      run("two", configWith([])),
      /found no copy, and \[mirrors\] names no URL for it; put/,
    );
    equal(server.seen.length, 0);
  });

  it("stops when the run is aborted, and goes on where it was", async () => {
    const bytes = archives["/first/hpatches.zip"];
    server.files.set("/first/hpatches.zip", {
      bytes,
      faults: [{ kind: "stall", after: 0.5 }, { kind: "none" }],
    });
    const place = join(folder, "one");
    await Deno.mkdir(join(place, "output"), { recursive: true });
    const stopped = new AbortController();
    const context = stageContext(place, configWith(["first"]));
    const running = download.run({ ...context, signal: stopped.signal });
    const half = Math.floor(bytes.length / 2);
    const partial = join(place, "downloads", "hpatches-release.zip.partial");
    while ((statOf(partial)?.size ?? 0) < half) await pause(5);
    stopped.abort(new Error("stopped"));
    await rejects(running, /stopped/);
    await Deno.remove(join(place, "output"), { recursive: true });
    await run("one", configWith(["first"]));
    equal(
      server.seen.find(({ range }) => range !== undefined)?.range,
      `bytes=${half}-`,
    );
  });
});

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined; // not yet
  }
}

function pause(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeMs));
}

describe("the config's mirrors", () => {
  it("are no part of the stage's key, contents that are pinned there are", () => {
    const plain = download.parameters(configWith(["first"]));
    deepEqual(download.parameters(configWith(["other", "first"])), plain);
    deepEqual(
      download.parameters(
        configWith([], '[contents]\nyosemite = "' + "0".repeat(64) + '"\n'),
      ),
      plain,
    );
    const pinned = download.parameters(
      configWith([], '[contents]\nliberty = "' + "0".repeat(64) + '"\n'),
    );
    deepEqual(pinned, { ...plain, contents: { liberty: "0".repeat(64) } });
    notEqual(pinned, plain);
  });

  it("are all the hosts that are reached, and none that is not needed", async () => {
    const host = new URL(server.origin).host;
    deepEqual(datasetHosts(configWith(["first"])), [host]);
    deepEqual(
      datasetHosts(
        configWith(
          ["first"],
          'yosemite = ["http://unused.example/a.zip"]\nredirects = ["*.cdn.example", "b.example:81"]\n',
        ),
      ),
      ["*.cdn.example:443", host, "b.example:81"],
    );
    const other = configWith(
      [],
      'liberty_harris = ["https://a.example/x.zip"]\n',
    );
    deepEqual(datasetHosts(other), []);
    other.download.training_set = "liberty_harris";
    deepEqual(datasetHosts(other), ["a.example:443"]);
    other.download.offline = true;
    deepEqual(datasetHosts(other), []);
    const local = configWith(
      [],
      'liberty_harris = ["http://a.example/x.zip", "file:///data"]\n',
    );
    local.download.training_set = "liberty_harris";
    deepEqual(datasetHosts(local), ["a.example:80"]);
    await Deno.mkdir(join(folder, "liberty_harris"));
    local.download.source_dir = folder;
    deepEqual(datasetHosts(local), []);
    deepEqual(datasetHosts(parseConfig("", "photos.toml")), []);
  });

  it("have to be URLs with a known kind of hash", () => {
    for (
      const url of [
        "ftp://a.example/x.zip",
        "a.example/x.zip",
        "http://user@a.example/x.zip",
        "file://host/x.zip",
        "http://a.example/x.zip#md5=abc",
        "http://a.example/x.zip#crc=0",
      ]
    ) {
      let message = "";
      try {
        parseConfig(`[mirrors]\nliberty = ["${url}"]`, "t.toml");
      } catch (error) {
        message = (error as Error).message;
      }
      match(
        message,
        /^Cannot read the config: t\.toml:2:12: mirrors\.liberty\[0\]: found ".*", wanted http:\/\/, https:\/\/ or file:\/\/\//,
      );
    }
  });
});
