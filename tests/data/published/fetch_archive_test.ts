import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { join } from "@std/path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { createHash } from "node:crypto";
import { DataError } from "../../../data/errors.ts";
import {
  type ArchiveRequest,
  fetchArchive,
} from "../../../data/published/fetch_archive.ts";
import type { FetchPolicy } from "../../../data/published/fetch_mirror.ts";
import type { LocalSet } from "../../../data/published/local_sets.ts";
import { selfSigned } from "../../helpers/pipeline/self_signed.ts";
import {
  type Fault,
  FaultServer,
  type ServedFile,
} from "../../helpers/data/fault_server.ts";

const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) >> 5);
const other = bytes.map((byte) => byte ^ 0x55);
const md5 = createHash("md5").update(bytes).digest("hex");
const sha256 = createHash("sha256").update(bytes).digest("hex");

const policy: FetchPolicy = {
  connectMs: 300,
  idleMs: 300,
  leastRate: { sizeBytes: 1, withinMs: 60_000 },
  attempts: 3,
  backOffMs: 1,
  mostBackOffMs: 4,
};

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

/** Serves the file at a path and returns its URL. */
function serve(
  path: string,
  faults: Fault[],
  more: Partial<ServedFile> = {},
): string {
  server.files.set(path, { bytes, faults, ...more });
  return server.origin + path;
}

/** Fetches, and returns what was accepted, copied; the default accepts anything. */
async function fetchFrom(
  mirrors: string[],
  more: Partial<ArchiveRequest> = {},
): Promise<Uint8Array> {
  let accepted: Uint8Array | undefined;
  await fetchArchive({
    set: "liberty",
    fileName: "liberty.zip",
    mirrors,
    directory: join(folder, "downloads"),
    offline: false,
    accept: async ({ path }) => {
      accepted = await Deno.readFile(path);
    },
    onProgress() {},
    signal: new AbortController().signal,
    policy,
    ...more,
  });
  return accepted!;
}

/** What the one error line says the mirrors answered. */
async function answersOf(
  mirrors: string[],
  more: Partial<ArchiveRequest> = {},
): Promise<string> {
  let message = "";
  await rejects(fetchFrom(mirrors, more), (error) => {
    ok(error instanceof DataError, `${error}`);
    message = error.message;
    return true;
  });
  const parts =
    /^Cannot fetch liberty\.zip: found (.*); put liberty\.zip or the unpacked liberty\/ into a folder and name that with --set download\.source_dir=FOLDER, or add a URL to mirrors\.liberty$/
      .exec(message);
  ok(parts, message);
  return parts[1].replaceAll(server.origin.slice("http://".length), "HOST");
}

function names(): string[] {
  return [...Deno.readDirSync(join(folder, "downloads"))]
    .map(({ name }) => name).sort();
}

describe("a fetched archive", () => {
  it("comes from the first mirror that has it, and is kept for other runs", async () => {
    const mirrors = [
      serve("/gone.zip", [{ kind: "status", status: 404 }]),
      serve("/good.zip", []),
      serve("/unused.zip", []),
    ];
    deepEqual(await fetchFrom(mirrors), bytes);
    deepEqual(server.seen.map(({ path }) => path), ["/gone.zip", "/good.zip"]);
    deepEqual(names(), ["liberty.zip", "liberty.zip.lock"]);
    deepEqual(await fetchFrom(mirrors), bytes);
    equal(server.seen.length, 2);
    deepEqual(await fetchFrom([], { offline: true }), bytes);
  });

  it("reports progress with the whole size", async () => {
    const seen: [string, number, number][] = [];
    await fetchFrom([serve("/a.zip", [])], {
      onProgress: (...update) => seen.push(update),
    });
    deepEqual(seen[0].slice(1), [0, bytes.length]);
    deepEqual(seen.at(-1)!.slice(1), [bytes.length, bytes.length]);
    equal(`http://${seen[0][0]}`, server.origin);
  });

  const resumable: [name: string, fault: Fault][] = [
    ["a cut", { kind: "cut", after: 0.4 }],
    ["a stall", { kind: "stall", after: 0.4 }],
    ["a length beyond the file", { kind: "too long" }],
    ["a cut of an answer of unknown length", {
      kind: "unknown length",
      after: 0.4,
    }],
  ];
  for (const [name, fault] of resumable) {
    it(`goes on after ${name}, if the server vouches for the file`, async () => {
      deepEqual(
        await fetchFrom([serve("/a.zip", [fault, { kind: "none" }])]),
        bytes,
      );
      const [first, second] = server.seen;
      equal(first.range, undefined);
      if (fault.kind !== "too long") {
        match(second.range!, /^bytes=\d+-$/);
        match(second.ifRange!, /^"[0-9a-f]+"$/);
      }
    });
  }

  it("goes on by date where there is no ETag, and by length where there is neither", async () => {
    for (const validator of ["date", "weak etag", "none"] as const) {
      const url = serve(`/${validator.replace(" ", "-")}.zip`, [
        { kind: "cut", after: 0.5 },
        { kind: "none" },
      ], { validator });
      await fetchFrom([url], { directory: join(folder, validator) });
      const { range, ifRange } = server.seen.at(-1)!;
      match(range!, /^bytes=\d+-$/);
      equal(ifRange?.slice(-3), validator === "date" ? "GMT" : undefined);
    }
  });

  it("starts over when the range is ignored, another one comes, or the file changed", async () => {
    const cut: Fault = { kind: "cut", after: 0.5 };
    for (const fault of ["ignores range", "wrong range"] as const) {
      const url = serve("/a.zip", [cut, { kind: fault }, { kind: "none" }]);
      const directory = join(folder, fault);
      deepEqual(await fetchFrom([url], { directory }), bytes);
    }
    for (const validator of ["etag", "date"] as const) {
      const url = serve("/a.zip", [cut, { kind: "other file", bytes: other }], {
        validator,
      });
      const directory = join(folder, validator);
      deepEqual(await fetchFrom([url], { directory }), other);
    }
    // Of another length, where length is all there is to tell it by.
    const longer = new Uint8Array(bytes.length + 1);
    const url = serve(
      "/a.zip",
      [cut, { kind: "other file", bytes: longer }],
      { validator: "none" },
    );
    deepEqual(await fetchFrom([url], { directory: join(folder, "l") }), longer);
  });

  it("is fetched again whole when it was put together wrongly", async () => {
    const url = serve("/a.zip", [
      { kind: "cut", after: 0.5 },
      { kind: "other file", bytes: other },
      { kind: "none" },
    ], { validator: "none" });
    deepEqual(await fetchFrom([`${url}#sha256=${sha256}`]), bytes);
    equal(server.seen.length, 3);
    equal(server.seen[2].range, undefined);
  });

  it("resumes what a killed run left, at the mirror it came from", async () => {
    const stopped = new AbortController();
    const mirrors = [
      serve("/down.zip", [{ kind: "status", status: 503 }]),
      serve("/slow.zip", [{ kind: "stall", after: 0.6 }, { kind: "none" }]),
    ];
    await rejects(
      fetchFrom(mirrors, {
        signal: stopped.signal,
        policy: { ...policy, idleMs: 60_000 },
        onProgress: (_, done) => {
          if (done >= 0.6 * bytes.length) stopped.abort(new Error("stopped"));
        },
      }),
      /stopped/,
    );
    deepEqual(names(), [
      "liberty.zip.lock",
      "liberty.zip.partial",
      "liberty.zip.partial.json",
    ]);
    deepEqual(await fetchFrom(mirrors), bytes);
    const { path, range } = server.seen.at(-1)!;
    equal(path, "/slow.zip");
    equal(range, `bytes=${0.6 * bytes.length}-`);
    deepEqual(names(), ["liberty.zip", "liberty.zip.lock"]);
  });

  it("is not asked for again when only the acceptance was missed", async () => {
    const url = serve("/a.zip", []);
    await rejects(
      fetchFrom([url], { accept: () => Promise.reject(new Error("killed")) }),
      /killed/,
    );
    deepEqual(await fetchFrom([url]), bytes);
    equal(server.seen.length, 1);
  });

  it("ignores bytes whose origin nobody knows", async () => {
    await Deno.mkdir(join(folder, "downloads"));
    const partial = join(folder, "downloads", "liberty.zip.partial");
    await Deno.writeFile(partial, other);
    deepEqual(await fetchFrom([serve("/a.zip", [])]), bytes);
    await Deno.remove(join(folder, "downloads", "liberty.zip"));
    await Deno.writeFile(partial, other);
    await Deno.writeTextFile(`${partial}.json`, '{"url": ');
    deepEqual(await fetchFrom([serve("/a.zip", [])]), bytes);
  });

  it("is not asked for again and again where nothing new comes", async () => {
    // Ignores the range and breaks off: what came before comes again, which is no progress.
    const half = new Uint8Array(2 << 20);
    let requests = 0;
    await using stubborn = Deno.serve(
      {
        port: 0,
        hostname: "127.0.0.1",
        onListen() {},
        onError: () => new Response(),
      },
      () => {
        requests++;
        const body = new ReadableStream({
          async start(controller) {
            controller.enqueue(half);
            await new Promise((resolve) => setTimeout(resolve, 100));
            controller.error(new Error("broken off"));
          },
        });
        const size = String(2 * half.length);
        return new Response(body, { headers: { "content-length": size } });
      },
    );
    const url = `http://127.0.0.1:${stubborn.addr.port}/again`;
    await rejects(
      fetchFrom([url], { policy: { ...policy, idleMs: 3_000 } }),
      (error: Error) => error instanceof DataError,
    );
    ok(requests >= 3 && requests <= 8, `${requests} requests`);
  });

  it("comes out of many cuts when each brings a part of a small file", async () => {
    const small = bytes.subarray(0, 2000);
    const cuts = Array.from(
      { length: 25 },
      (): Fault => ({ kind: "cut", after: 0.1 }),
    );
    const url = serve("/often", [...cuts, { kind: "none" }], { bytes: small });
    deepEqual(await fetchFrom([url]), small);
  });

  it("is left to the next mirror when it comes too slowly, or without end", async () => {
    const good = serve("/good", [{ kind: "none" }]);
    const leastRate = { sizeBytes: 1 << 30, withinMs: 50 };
    const slow = serve("/slow", [{ kind: "stall", after: 0.5 }]);
    await rejects(
      fetchFrom([slow], { policy: { ...policy, leastRate } }),
      /only \d+ bytes within .* s \(tried 3 times\)/,
    );
    const endless = serve("/endless", [{ kind: "unknown length", after: 1 }], {
      bytes: new Uint8Array(1 << 20),
    });
    const limited = { ...policy, mostBytes: 500_000 };
    deepEqual(await fetchFrom([endless, good], { policy: limited }), bytes);
    await Deno.remove(join(folder, "downloads"), { recursive: true });
    const large = serve("/large", [{ kind: "none" }], {
      bytes: new Uint8Array(1 << 20),
    });
    await rejects(
      fetchFrom([large], { policy: limited }),
      /a file of more than 500000 bytes/,
    );
    deepEqual(
      [...Deno.readDirSync(join(folder, "downloads"))].map(({ name }) => name)
        .filter((name) => name.includes("partial")),
      [],
    );
  });

  it("follows redirects", async () => {
    serve("/real.zip", []);
    const url = serve("/moved.zip", [{ kind: "redirect", to: "/real.zip" }]);
    deepEqual(await fetchFrom([url]), bytes);
  });

  it("waits for another process that fetches the same", async () => {
    const url = serve("/a.zip", []);
    const both = await Promise.all([fetchFrom([url]), fetchFrom([url])]);
    deepEqual(both, [bytes, bytes]);
    equal(server.seen.length, 1);
  });

  it("may be a file or folder on this machine, which stays as it is", async () => {
    const path = join(folder, "liberty.zip");
    await Deno.writeFile(path, bytes);
    await Deno.mkdir(join(folder, "copies", "liberty"), { recursive: true });
    deepEqual(await fetchFrom([`${pathToFileURL(path)}#md5=${md5}`]), bytes);
    const found: LocalSet[] = [];
    for (const place of [folder, join(folder, "copies")]) {
      await fetchFrom([pathToFileURL(place).href], {
        offline: true,
        accept: (set) => Promise.resolve(void found.push(set)),
      });
    }
    deepEqual(found, [
      { kind: "archive", path },
      { kind: "folder", path: join(folder, "copies", "liberty") },
    ]);
    match(
      await answersOf([`${pathToFileURL(path)}#md5=${"0".repeat(32)}`]),
      /^.*liberty\.zip: md5 [0-9a-f]{32} instead of 0{32}$/,
    );
    deepEqual(await Deno.readFile(path), bytes);
  });
});

describe("the one line about a failed fetch", () => {
  const passing = (fault: Fault): Fault[] => [fault];
  const answers: [faults: Fault[], answer: RegExp][] = [
    [passing({ kind: "status", status: 404 }), /^HOST: 404$/],
    [passing({ kind: "status", status: 403 }), /^HOST: 403$/],
    [passing({ kind: "status", status: 500 }), /^HOST: 500 \(tried 3 times\)$/],
    [
      passing({ kind: "silent" }),
      /^HOST: no answer within 0\.3 s \(tried 3 times\)$/,
    ],
    [
      passing({ kind: "stall", after: 0 }),
      /^HOST: nothing more within 0\.3 s \(tried 3 times\)$/,
    ],
    [
      passing({ kind: "cut", after: 0 }),
      /^HOST: connection cut \(tried 3 times\)$/,
    ],
    [
      passing({ kind: "redirect", to: "/a.zip" }),
      /^HOST: more than 8 redirects$/,
    ],
    [
      passing({ kind: "redirect", to: "ftp://x.example/a.zip" }),
      /^HOST: redirects to ftp:\/\/x\.example\/a\.zip$/,
    ],
    [
      passing({ kind: "redirect", to: "http://192.0.2.1/a.zip" }),
      /^HOST: redirects to 192\.0\.2\.1, which mirrors\.redirects does not name$/,
    ],
  ];
  for (const [faults, answer] of answers) {
    it(`tells ${answer.source}`, async () => {
      match(await answersOf([serve("/a.zip", faults)]), answer);
    });
  }

  it("tells what every mirror answered, in order", async () => {
    const closed = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const { port } = closed.addr as Deno.NetAddr;
    closed.close();
    const found = await answersOf([
      serve("/a.zip", [{ kind: "status", status: 404 }]),
      `http://127.0.0.1:${port}/liberty.zip`,
      `${serve("/b.zip", [])}#md5=${"0".repeat(32)}`,
      serve("/c.zip", [{ kind: "too short" }]),
    ], {
      accept: async ({ path }) => {
        const { size } = await Deno.stat(path);
        if (size === bytes.length) return;
        throw new DataError({
          attempt: "read",
          found: "half of it",
          wanted: "all",
        });
      },
    });
    equal(
      found.replace(String(port), "PORT"),
      `HOST: 404; 127.0.0.1:PORT: connection refused (tried 3 times); HOST: md5 ${md5} instead of ${
        "0".repeat(32)
      }; HOST: half of it instead of all`,
    );
    deepEqual(names(), ["liberty.zip.lock"]);
  });

  it("tells why a certificate is refused", async () => {
    const secure = Deno.serve({
      port: 0,
      hostname: "127.0.0.1",
      onListen() {},
      ...selfSigned(),
    }, () => new Response(bytes));
    try {
      const url = `https://127.0.0.1:${
        (secure.addr as Deno.NetAddr).port
      }/liberty.zip`;
      match(
        await answersOf([url]),
        /^127\.0\.0\.1:\d+: TLS: invalid peer certificate: UnknownIssuer$/,
      );
    } finally {
      await secure.shutdown();
    }
  });

  it("tells of a host that this process may not reach", async () => {
    match(
      await answersOf(["http://192.0.2.1/liberty.zip"]),
      /^192\.0\.2\.1: not allowed by Deno/,
    );
  });

  it("tells when nothing may be fetched or no mirror is named", async () => {
    equal(
      await answersOf([serve("/a.zip", [])], { offline: true }),
      "HOST: not asked (offline)",
    );
    equal(server.seen.length, 0);
    equal(await answersOf([]), "no mirror (mirrors.liberty is empty)");
  });

  it("names an archive that was fetched before and is refused now, and keeps it until there is a better one", async () => {
    await fetchFrom([serve("/a.zip", [])]);
    const refuse = async ({ path }: LocalSet) => {
      if ((await Deno.readFile(path))[0] === other[0]) return;
      throw new DataError({ attempt: "read", found: "the wrong one" });
    };
    match(
      await answersOf([], { accept: refuse }),
      /liberty\.zip: the wrong one; no mirror \(mirrors\.liberty is empty\)$/,
    );
    deepEqual(names(), ["liberty.zip", "liberty.zip.lock"]);
    const better = serve("/b.zip", [{ kind: "other file", bytes: other }]);
    await fetchFrom([better], { accept: refuse });
    deepEqual(await fetchFrom([]), other);
  });
});
