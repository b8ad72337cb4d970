import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { sha256 } from "../../../pipeline/files/hash.ts";
import {
  bytes,
  key,
  never,
  object,
  RemoteBench,
} from "../../helpers/pipeline/small/remote.ts";

let bench: RemoteBench;
beforeEach(() => {
  bench = new RemoteBench();
});
afterEach(() => bench[Symbol.dispose]());

describe("a transfer", () => {
  it("goes on where an earlier one broke off", async () => {
    bench.write("object", bytes.subarray(0, 700));
    const ranges: (string | null)[] = [];
    await bench.withServer(({ headers }) => {
      ranges.push(headers.get("range"));
      return new Response(bytes.slice(700), {
        status: 206,
        headers: {
          "content-range": `bytes 700-${bytes.length - 1}/${bytes.length}`,
        },
      });
    }, async (cache) => {
      assert.equal(await bench.fetchInto(cache), true);
      assert.deepEqual(ranges, ["bytes=700-"]);
      assert.deepEqual(Deno.readFileSync(bench.path("object")), bytes);
    });
  });

  const starts: [what: string, bytes: Uint8Array][] = [
    ["of other bytes", bytes.slice(0, 700).fill(7)],
    ["that is too long", new Uint8Array(bytes.length + 1)],
    ["that is complete but wrong", bytes.slice().fill(7)],
  ];
  for (const [what, start] of starts) {
    it(`starts anew after a beginning ${what}`, async () => {
      bench.write("object", start);
      await bench.withServer(({ headers }) => {
        const from = Number(
          /^bytes=(\d+)-$/.exec(headers.get("range") ?? "")?.[1] ?? 0,
        );
        return new Response(bytes.slice(from), {
          status: from > 0 ? 206 : 200,
          headers: from > 0
            ? {
              "content-range": `bytes ${from}-${
                bytes.length - 1
              }/${bytes.length}`,
            }
            : {},
        });
      }, async (cache) => {
        assert.equal(await bench.fetchInto(cache), true);
        assert.deepEqual(Deno.readFileSync(bench.path("object")), bytes);
        assert.deepEqual(bench.log.warnings, []);
      });
    });
  }

  it("takes the whole from a server that knows no ranges, or sends another one", async () => {
    for (const headers of [{}, { "content-range": "bytes 5-9/*" }]) {
      bench.write("object", bytes.subarray(0, 700));
      const status = "content-range" in headers ? 206 : 200;
      await bench.withServer(
        () => new Response(bytes, { status, headers }),
        async (cache) => {
          assert.equal(await bench.fetchInto(cache), true);
          assert.deepEqual(Deno.readFileSync(bench.path("object")), bytes);
        },
      );
    }
  });

  it("is given up when a server that knows no ranges breaks off again and again", async () => {
    let requests = 0;
    await bench.withServer(() => {
      requests++;
      const body = new ReadableStream({
        async start(controller) {
          controller.enqueue(bytes.slice(0, 700));
          await new Promise((resolve) => setTimeout(resolve, 20));
          controller.error(new Error("breaks off"));
        },
      });
      return new Response(body, {
        headers: { "content-length": String(bytes.length) },
      });
    }, async (cache) => {
      assert.equal(await bench.fetchInto(cache), false);
      assert.ok(requests < 10, `${requests} requests`);
    });
  });

  it("needs nobody for the empty object", async () => {
    await bench.withServer(
      () => new Response(null, { status: 500 }),
      async (cache) => {
        const path = bench.path("empty");
        const empty = { digest: sha256(""), sizeBytes: 0 };
        assert.equal(await cache.fetchObject(empty, path), true);
        assert.equal(Deno.statSync(path).size, 0);
      },
    );
  });

  it("never gives away a file whose bytes are not the object's", async () => {
    for (const damaged of [bytes.slice().fill(7), bytes.slice(1)]) {
      const file = bench.write("stored", damaged);
      let received = 0;
      await bench.withServer(async ({ method, body }) => {
        if (method === "PUT") {
          try {
            for await (const _ of body!) { /* to its end, which never comes */ }
            received++;
          } catch {
            // broken off by the client
          }
        }
        return new Response(null, { status: 404 });
      }, async (cache) => {
        assert.equal(await cache.putObject(object, file), false);
        assert.equal(cache.writable, true);
      }, { writable: true });
      assert.equal(received, 0);
    }
  });

  it("tells its length and asks for no compression", async () => {
    const file = bench.write("stored", bytes);
    const seen: string[] = [];
    await bench.withServer(async (request) => {
      const { method, headers } = request;
      if (method === "PUT") await request.bytes();
      seen.push(
        `${method} ${new URL(request.url).pathname} ${
          headers.get("content-length")
        } ${headers.get("transfer-encoding")} ${
          headers.get("accept-encoding")
        }`,
      );
      return new Response(null, { status: method === "PUT" ? 202 : 404 });
    }, async (cache) => {
      assert.equal(await cache.putObject(object, file), true);
    }, { writable: true });
    assert.deepEqual(seen, [
      `HEAD /team/cas/${object.digest} null null identity`,
      `PUT /team/cas/${object.digest} ${bytes.length} null identity`,
    ]);
  });

  it("stops when the run is interrupted", async () => {
    const controller = new AbortController();
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      never,
    );
    const base = new URL(`http://127.0.0.1:${server.addr.port}`);
    using cache = bench.cacheAt(base, { signal: controller.signal });
    const reason = new DOMException("interrupted", "AbortError");
    setTimeout(() => controller.abort(reason), 50);
    await assert.rejects(cache.getAction(key), (error) => error === reason);
    assert.deepEqual(bench.log.warnings, []);
    await server.shutdown();
  });
});

describe("an object that a record states to be huge", () => {
  it("is not asked for when the disk has no room for it, and counts as a miss", async () => {
    let asked = 0;
    await bench.withServer(() => {
      asked++;
      return new Response(bytes);
    }, async (cache, base) => {
      const huge = { ...object, sizeBytes: 2 ** 52 };
      assert.equal(await cache.fetchObject(huge, bench.path("object")), false);
      assert.equal(asked, 0);
      assert.deepEqual(bench.log.warnings, [
        `no room on this disk for ${object.digest} of the shared cache ${base.host}/team, ${
          2 ** 52
        } bytes; ignored`,
      ]);
      assert.equal(Deno.statSync(bench.path("object")).size, 0);
      // It is no fault of the server's.
      assert.equal(await bench.fetchInto(cache), true);
    });
  });
});
