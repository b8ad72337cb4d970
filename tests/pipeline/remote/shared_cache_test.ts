import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { uniform } from "../../../data/random.ts";
import { sha256, sha256File } from "../../../pipeline/files/hash.ts";
import { RemoteCache } from "../../../pipeline/remote/cache.ts";
import { Credentials } from "../../../pipeline/remote/cache_options.ts";
import { projectDirectory, runProcess } from "../../helpers/command_line.ts";
import { CuttingProxy } from "../../helpers/pipeline/cutting_proxy.ts";
import { findNginx, NginxServer } from "../../helpers/pipeline/nginx.ts";
import {
  type RecordedLog,
  recordedLog,
} from "../../helpers/pipeline/recorded_log.ts";
import { Workspace } from "../../helpers/pipeline/small/workspace.ts";

const nginx = await findNginx();
/** Without nginx the tests are listed as ignored, under a name that says why. */
const withNginx = nginx === undefined ? describe.skip : describe;
const reason = nginx === undefined
  ? " (did not run: nginx is not here and cannot be installed)"
  : "";

/** How often the server's files are damaged, and by how many teams at once. */
const damages = 200;
const teams = 4;

/** A machine of the team: a store and run folders of its own. */
class Machine extends Workspace {
  readonly log: RecordedLog = recordedLog();

  /** Runs the pipeline with the server as its shared cache. */
  async runWith(server: { url: string }, writable: boolean): Promise<void> {
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

  it("is refilled when objects and records are missing", async () => {
    using first = new Machine();
    await first.runWith(server, true);
    const whole = filesOf(server.files);
    for (const path of whole.keys()) {
      Deno.removeSync(join(server.files, path));
      using machine = new Machine();
      await machine.runWith(server, true);
      assert.equal(machine.ran.length, 1);
      assert.deepEqual(machine.tree("runs"), first.tree("runs"));
      assert.deepEqual(
        [...filesOf(server.files).keys()].sort(),
        [
          ...whole.keys(),
        ].sort(),
      );
    }
  });

  it(`never leads to a wrong result: ${damages} flips, cuts and removals in random places`, async () => {
    // Most of the time goes into waiting for the disk, so several teams share the rounds.
    const warnings = await Promise.all(
      Array.from({ length: teams }, async (_, team) => {
        const url = `${server.url}/team${team}`;
        const files = join(server.files, `team${team}`);
        using first = new Machine();
        await first.runWith({ url }, true);
        const good = filesOf(files);
        const paths = [...good.keys()].sort();
        let warnings = 0;
        for (let round = team; round < damages; round += teams) {
          const damaged = damageFile(files, paths, round);
          using machine = new Machine();
          await machine.runWith({ url }, true);
          const what = `round ${round}: ${damaged}`;
          assert.deepEqual(machine.tree("runs"), first.tree("runs"), what);
          warnings += machine.log.warnings.length;
          // And the server has been given the right bytes again.
          for (const path of paths.filter((path) => path.startsWith("cas/"))) {
            const bytes = Deno.readFileSync(join(files, path));
            assert.deepEqual(bytes, good.get(path), `${what}, ${path}`);
          }
        }
        return warnings;
      }),
    );
    const total = warnings.reduce((sum, count) => sum + count, 0);
    assert.ok(total > damages / 2, `${total} warnings`);
  });

  it("is fetched again in place of a damaged object of this machine", async () => {
    using machine = new Machine();
    await machine.runWith(server, true);
    const [object] = Object.entries(machine.tree(".cache/objects"))
      .find(([, text]) => text === "20")!;
    const path = machine.path(`.cache/objects/${object}`);
    Deno.chmodSync(path, 0o644);
    Deno.writeTextFileSync(path, "21");
    Deno.removeSync(machine.path("runs"), { recursive: true });
    await machine.runWith(server, false);
    assert.deepEqual(machine.ran, []);
    assert.equal(machine.read("runs/small/total/total.txt"), "20");
    assert.equal(Deno.readTextFileSync(path), "20");
  });
});

/** Flips a bit of a file, cuts it or deletes it, all by chance. @returns what was done */
function damageFile(
  folder: string,
  paths: readonly string[],
  round: number,
): string {
  const chance = (purpose: string) => uniform(11, purpose, round);
  const path = paths[Math.floor(chance("file") * paths.length)];
  const file = join(folder, path);
  const bytes = Deno.readFileSync(file);
  const place = Math.floor(chance("place") * bytes.length);
  const kind = Math.floor(chance("kind") * 3);
  if (kind === 0) {
    bytes[place] ^= 1 << Math.floor(chance("bit") * 8);
    Deno.writeFileSync(file, bytes);
    return `${path} flipped at ${place}`;
  }
  if (kind === 1) {
    Deno.truncateSync(file, place);
    return `${path} cut at ${place}`;
  }
  Deno.removeSync(file);
  return `${path} deleted`;
}

withNginx(`a shared cache behind a password${reason}`, () => {
  it("is used by who knows it, and by nobody else", async () => {
    await using server = await NginxServer.start(nginx!, {
      location:
        `if ($http_authorization != "Basic bWU6czNjcmV0") { return 401; }`,
    });
    const base = new URL(server.url);
    const log = recordedLog();
    const signal = new AbortController().signal;
    for (
      const [password, ran] of [["s3cret", 3], ["guess", 3], ["s3cret", 0]]
    ) {
      using machine = new Machine();
      using shared = new RemoteCache({
        base,
        writable: true,
        strict: false,
        credentials: Credentials.basic("me", String(password)),
      }, { log, signal });
      await machine.run({ shared, log });
      assert.equal(machine.ran.length, ran);
    }
    assert.equal(log.warnings.length, 1);
    assert.match(log.warnings[0], /: status 401; set SELF_TNET_REMOTE_TOKEN, /);
  });
});

withNginx(`a large object${reason}`, () => {
  const sizeBytes = 256 << 20;

  it("travels both ways in bounded memory, and goes on where it is cut off", async () => {
    await using server = await NginxServer.start(nginx!);
    const folder = Deno.makeTempDirSync();
    try {
      const file = join(folder, "large");
      writeLarge(file, sizeBytes);
      const object = await sha256File(file);
      await using proxy = new CuttingProxy(new URL(server.url), 36 << 20);
      const copy = join(folder, "copy");
      const { code, stdout, stderr } = await runProcess(Deno.execPath(), [
        "run",
        "--no-prompt",
        "--allow-read",
        "--allow-write",
        "--allow-net=127.0.0.1",
        join(projectDirectory, "tests/helpers/pipeline/small/move_large.ts"),
        ...[server.url, proxy.url, file, copy],
      ]);
      assert.equal(code, 0, stderr);
      const peakBytes = Number(stdout);
      assert.deepEqual(await sha256File(copy), object);
      const statuses = (await server.requests())
        .filter(({ method }) => method === "GET").map(({ status }) => status);
      // 256 MiB in pieces of at most 36: the first from the beginning, the others by Range.
      assert.ok(statuses.length >= 8, statuses.join());
      assert.deepEqual(new Set(statuses.slice(1)), new Set([206]));
      // Buffers that wait for the garbage collector count, too.
      assert.ok(
        peakBytes > 0 && peakBytes < 128 << 20,
        `${peakBytes >> 20} MiB`,
      );
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
});

/** 64 KiB blocks that all differ. */
function writeLarge(path: string, sizeBytes: number): void {
  using file = Deno.openSync(path, { write: true, create: true });
  const block = new Uint32Array(1 << 14);
  for (let at = 0; at < sizeBytes; at += block.byteLength) {
    block.fill(at);
    file.writeSync(new Uint8Array(block.buffer));
  }
}
