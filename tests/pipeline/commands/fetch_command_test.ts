import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { type Finished, projectDirectory } from "../../helpers/command_line.ts";
import { makeTarGz } from "../../helpers/data/archives.ts";
import { FaultServer } from "../../helpers/data/fault_server.ts";
import { permissionsOfTask } from "../../helpers/task_permissions.ts";
import { taskFiles } from "../../helpers/data/published_files.ts";

let server: FaultServer;
let folder: string;
beforeEach(async () => {
  server = new FaultServer();
  folder = await Deno.makeTempDir();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await Deno.remove(folder, { recursive: true });
});

/** Starts `reproduce` as its task does, with the task files served at a mirror and nothing else. */
async function reproduce(
  flags: string[],
  whileItRuns: (process: Deno.ChildProcess) => void | Promise<void> = () => {},
  morePermissions: string[] = [],
): Promise<Finished> {
  const config = join(folder, "fetching.toml");
  await Deno.writeTextFile(
    config,
    `[download]
source = "phototour"
[evaluate]
splits = ["a"]
[mirrors]
tasks = ["${server.origin}/gone.tar.gz", "${server.origin}/tasks.tar.gz"]
hpatches = ["${server.origin}/hpatches.zip"]
liberty = ["${server.origin}/liberty.zip"]
notredame = ["${server.origin}/notredame.zip"]
yosemite = ["${server.origin}/yosemite.zip"]
`,
  );
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      ...permissionsOfTask("reproduce"),
      ...morePermissions,
      join(projectDirectory, "pipeline/cli.ts"),
      "reproduce",
      config,
      ...flags,
    ],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [output] = await Promise.all([process.output(), whileItRuns(process)]);
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

function downloads(): string[] {
  const path = join(folder, ".cache", "downloads");
  return [...Deno.readDirSync(path)].map(({ name }) => name)
    .filter((name) => !name.endsWith(".lock")).sort();
}

describe("reproduce with mirrors", () => {
  it("fetches from their hosts, keeps what it got, and says in one line what failed", async () => {
    const bytes = makeTarGz(taskFiles(["i_a"], 2));
    server.files.set("/tasks.tar.gz", { bytes, faults: [] });
    const { code, stderr } = await reproduce([]);
    assert.equal(code, 2, stderr);
    // A disk with less room than all of HPatches may take is warned of first.
    const lines = stderr.trimEnd().split("\n")
      .filter((line) => !line.includes("free some space"));
    assert.equal(lines.length, 3, stderr);
    assert.match(lines[1], /^tasks: passed over README\.md of /);
    assert.match(
      lines[2],
      /^Cannot fetch hpatches-release\.zip: found 127\.0\.0\.1:\d+: 404; put hpatches-release\.zip or the unpacked hpatches-release\/ into a folder/,
    );
    assert.deepEqual(downloads(), ["tasks.tar.gz"]);
    assert.deepEqual(
      server.seen.map(({ path }) => path),
      ["/gone.tar.gz", "/tasks.tar.gz", "/hpatches.zip"],
    );
  });

  it("never reaches a host that only a redirect names", async () => {
    await using other = new FaultServer();
    server.files.set("/tasks.tar.gz", {
      bytes: new Uint8Array(0),
      faults: [{ kind: "redirect", to: `${other.origin}/tasks.tar.gz` }],
    });
    const { code, stderr } = await reproduce([]);
    assert.equal(code, 2, stderr);
    const host = new URL(other.origin).host;
    assert.ok(
      stderr.includes(
        `redirects to ${host}, which mirrors.redirects does not name; put tasks.tar.gz`,
      ),
      stderr,
    );
    assert.deepEqual(other.seen, []);
  });

  it("asks nobody with --offline, and says all that is missing", async () => {
    const { code, stderr } = await reproduce(["--offline"]);
    assert.equal(code, 2, stderr);
    assert.match(
      stderr,
      /^Cannot provide the data sets: liberty, notredame, yosemite, hpatches, tasks: found no copy, and nothing is fetched \(offline\); put liberty\.zip, /m,
    );
    assert.deepEqual(server.seen, []);
  });

  for (
    const { signal, code, rest } of [
      { signal: "SIGINT", code: 130, rest: /^interrupted: the same command/m },
      { signal: "SIGKILL", code: 137, rest: /^/ },
    ] as const
  ) {
    it(`goes on with a download that ${signal} broke off`, async () => {
      const bytes = makeTarGz(taskFiles(["i_a"], 500));
      server.files.set("/tasks.tar.gz", {
        bytes,
        faults: [{ kind: "stall", after: 0.5 }, { kind: "none" }],
      });
      const half = Math.floor(bytes.length / 2);
      const { host } = new URL(server.origin);
      const partial = join(folder, ".cache/downloads/tasks.tar.gz.partial");
      const broken = await reproduce([], async (process) => {
        let ended = false;
        process.status.then(() => ended = true);
        while (sizeOf(partial) < half && !ended) await pause(20);
        assert.ok(!ended, "ended before half of the archive was there");
        process.kill(signal);
        // A process without children can be killed without leaving one behind.
      }, signal === "SIGKILL" ? [`--allow-net=${host}`] : []);
      assert.equal(broken.code, code, broken.stderr);
      assert.match(broken.stderr, rest);
      assert.deepEqual(downloads(), [
        "tasks.tar.gz.partial",
        "tasks.tar.gz.partial.json",
      ]);
      const { stderr } = await reproduce([]);
      assert.match(stderr, /Cannot fetch hpatches-release\.zip/);
      assert.deepEqual(downloads(), ["tasks.tar.gz"]);
      assert.equal(
        server.seen.find(({ range }) => range !== undefined)?.range,
        `bytes=${half}-`,
      );
    });
  }
});

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return -1; // not yet
  }
}

function pause(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeMs));
}
