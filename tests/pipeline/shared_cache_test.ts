import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { sha256 } from "../../pipeline/hash.ts";
import { RemoteCache } from "../../pipeline/remote_cache.ts";
import { findNginx, NginxServer } from "../helpers/nginx.ts";
import { type RecordedLog, recordedLog } from "../helpers/recorded_log.ts";
import { Workspace } from "./small/workspace.ts";

const nginx = await findNginx();
/** Without nginx the tests are listed as ignored, under a name that says why. */
const withNginx = nginx === undefined ? describe.skip : describe;
const reason = nginx === undefined
  ? " (did not run: nginx is not here and cannot be installed)"
  : "";

/** A machine of the team: a store and run folders of its own. */
class Machine extends Workspace {
  readonly log: RecordedLog = recordedLog();

  /** Runs the pipeline with the server as its shared cache. */
  async runWith(server: NginxServer, writable: boolean): Promise<void> {
    using shared = new RemoteCache({
      base: new URL(server.url),
      writable,
      strict: false,
      credentials: undefined,
    }, { log: this.log, signal: new AbortController().signal });
    await this.run({ shared, log: this.log });
  }
}

/** Files below a server's folder, by path. */
function filesOf(folder: string, prefix = ""): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const { name, isDirectory } of Deno.readDirSync(join(folder, prefix))) {
    if (isDirectory) {
      filesOf(folder, `${prefix}${name}/`).forEach((bytes, path) =>
        files.set(path, bytes)
      );
    } else {files.set(
        prefix + name,
        Deno.readFileSync(join(folder, prefix, name)),
      );}
  }
  return files;
}

withNginx(`a team's shared cache on nginx${reason}`, () => {
  let server: NginxServer;
  beforeEach(async () => {
    server = await NginxServer.start(nginx!);
  });
  afterEach(() => server[Symbol.asyncDispose]());

  it("is a miss while it is empty, and is not written to unless that is asked for", async () => {
    using machine = new Machine();
    await machine.runWith(server, false);
    assert.deepEqual(machine.ran, ["numbers", "total", "report"]);
    assert.deepEqual(machine.log.warnings, []);
    const requests = await server.requests();
    assert.deepEqual(requests.map(({ method, status }) => [method, status]), [
      ["GET", 404],
      ["GET", 404],
      ["GET", 404],
    ]);
    assert.equal(filesOf(server.files).size, 0);
  });

  it("gets every object before the record that names it", async () => {
    using machine = new Machine();
    await machine.runWith(server, true);
    assert.deepEqual(machine.log.warnings, []);
    const puts = (await server.requests())
      .filter(({ method }) => method === "PUT");
    assert.deepEqual(
      puts.map(({ path, status }) => [path.split("/")[1], status]),
      ["cas", "cas", "ac", "cas", "ac", "cas", "ac"].map((kind) => [kind, 201]),
    );
    for (const [path, bytes] of filesOf(server.files)) {
      assert.match(path, /^(ac|cas)\/[0-9a-f]{64}$/);
      if (path.startsWith("cas/")) assert.equal(path, `cas/${sha256(bytes)}`);
    }
  });

  it("gives another machine with an empty store the same bytes, and nothing runs there", async () => {
    using first = new Machine();
    await first.runWith(server, true);
    assert.equal(first.ran.length, 3);
    using second = new Machine();
    await second.runWith(server, false);
    assert.deepEqual(second.ran, []);
    assert.deepEqual(second.tree("runs"), first.tree("runs"));
    assert.equal(second.read("runs/small/report/report.txt"), "Total first 20");
    assert.deepEqual(
      second.log.lines,
      [
        "numbers",
        "total",
        "report",
      ].map((stage) =>
        `${stage}: fetched from ${server.url.slice("http://".length)}`
      ),
    );
    // And it is stored there: the next run asks nobody.
    const requests = (await server.requests()).length;
    await second.runWith(server, false);
    assert.equal((await server.requests()).length, requests);
  });

  it("is filled by a machine that computed its results earlier", async () => {
    using first = new Machine();
    await first.run();
    await first.runWith(server, true);
    assert.deepEqual(first.ran, []);
    using second = new Machine();
    await second.runWith(server, false);
    assert.deepEqual(second.ran, []);
  });
});
