import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { PipelineError } from "../../../pipeline/errors.ts";
import { Credentials } from "../../../pipeline/remote/cache_options.ts";
import { freePort } from "../../helpers/pipeline/nginx.ts";
import {
  type Answer,
  bytes,
  hastyTimes,
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

describe("a server that fails", () => {
  it("is told once when nobody is there, and the run goes on without", async () => {
    const port = freePort();
    using cache = bench.cacheAt(new URL(`http://127.0.0.1:${port}`), {
      writable: true,
    });
    assert.equal(await cache.getAction(key), undefined);
    assert.equal(await bench.fetchInto(cache), false);
    assert.equal(cache.writable, false);
    assert.deepEqual(bench.log.warnings, [
      `cannot read from the shared cache 127.0.0.1:${port}: nobody there (connection refused); this run goes on without`,
    ]);
  });

  for (const status of [401, 418]) {
    it(`is told once when it answers ${status}`, async () => {
      let requests = 0;
      await bench.withServer(() => {
        requests++;
        return new Response("a page", {
          status,
          headers: { location: "http://127.0.0.1:1/" },
        });
      }, async (cache) => {
        assert.equal(await cache.getAction(key), undefined);
        assert.equal(await cache.getAction(key), undefined);
        assert.equal(await bench.fetchInto(cache), false);
        assert.equal(requests, 1);
        assert.equal(bench.log.warnings.length, 1);
        assert.match(bench.log.warnings[0], new RegExp(`: status ${status}`));
      });
    });
  }

  for (const status of [429, 503]) {
    it(`is asked again as it wishes after ${status}`, async () => {
      let requests = 0;
      await bench.withServer(() => {
        requests++;
        return requests < 2
          ? new Response("busy", { status, headers: { "retry-after": "0" } })
          : new Response(bytes);
      }, async (cache) => {
        assert.equal(await bench.fetchInto(cache), true);
        assert.equal(requests, 2);
        assert.deepEqual(bench.log.warnings, []);
      });
    });
  }

  it("is left alone for a while, not for good, when it asks for a long wait", async () => {
    let requests = 0;
    await bench.withServer(() => {
      requests++;
      return new Response("busy", {
        status: 503,
        headers: { "retry-after": "3600" },
      });
    }, async (cache) => {
      assert.equal(await cache.getAction(key), undefined);
      assert.equal(await cache.getAction(key), undefined);
      assert.equal(requests, 1);
      assert.match(
        bench.log.warnings.join(),
        /: status 503; it is tried again with a later stage$/,
      );
    });
  });

  it("may say 302 or 403 of what it does not have", async () => {
    for (const status of [302, 403]) {
      await bench.withServer(
        ({ url }) =>
          url.includes("/ac/")
            ? new Response("a page", {
              status,
              headers: { location: "http://127.0.0.1:1/" },
            })
            : new Response(bytes),
        async (cache) => {
          assert.equal(await cache.getAction(key), undefined);
          assert.equal(await cache.getAction(key), undefined);
          assert.equal(await bench.fetchInto(cache), true);
          assert.match(
            bench.log.warnings.at(-1)!,
            status === 302
              ? /status 302, a redirect to 127\.0\.0\.1:1, taken for "not there"; if it should be, log in \(.*\), or name that server with --remote$/
              : /status 403, taken for "not there"; if it should be, set /,
          );
        },
      );
    }
  });

  it("may send on to another place of its own, but not around for ever", async () => {
    let requests = 0;
    await bench.withServer(({ url }) => {
      requests++;
      const signed = url.includes("/ac/") || !url.includes("?signed");
      return signed
        ? new Response(null, {
          status: 307,
          headers: { location: `${new URL(url).pathname}?signed` },
        })
        : new Response(bytes);
    }, async (cache) => {
      assert.equal(await bench.fetchInto(cache), true);
      assert.equal(requests, 2);
      assert.equal(await cache.getAction(key), undefined);
      assert.equal(requests, 6);
      assert.match(bench.log.warnings.join(), /status 307, a redirect to /);
    });
  });

  it("may find one file too large and still takes others", async () => {
    const file = bench.write("stored", bytes);
    let isTooLarge = true;
    await bench.withServer(async (request) => {
      if (request.method === "HEAD") {
        return new Response(null, { status: 404 });
      }
      await request.arrayBuffer();
      return new Response(null, { status: isTooLarge ? 413 : 200 });
    }, async (cache) => {
      assert.equal(await cache.putObject(object, file), false);
      isTooLarge = false;
      assert.equal(await cache.putObject(object, file), true);
      assert.deepEqual(bench.log.warnings.map((line) => line.split(": ")[1]), [
        "status 413; results with such files are not shared",
      ]);
    }, { writable: true });
  });

  it("says how to log in", async () => {
    await bench.withServer(
      () => new Response(null, { status: 401 }),
      async (cache, base) => {
        await cache.getAction(key);
        assert.deepEqual(bench.log.warnings, [
          `cannot read from the shared cache ${base.host}/team: status 401; set SELF_TNET_REMOTE_TOKEN, or SELF_TNET_REMOTE_USER and SELF_TNET_REMOTE_PASSWORD; this run goes on without`,
        ]);
      },
    );
  });

  it("may still be read when it refuses to be written", async () => {
    const file = bench.write("stored", bytes);
    await bench.withServer(
      ({ method }) =>
        method === "PUT"
          ? new Response(null, { status: 403 })
          : method === "HEAD"
          ? new Response(null, { status: 404 })
          : new Response(bytes),
      async (cache) => {
        assert.equal(await cache.putObject(object, file), false);
        assert.equal(cache.writable, false);
        assert.equal(await cache.putObject(object, file), false);
        assert.equal(await bench.fetchInto(cache), true);
        assert.equal(bench.log.warnings.length, 1);
        assert.match(
          bench.log.warnings[0],
          /^cannot write to .*: status 403; set /,
        );
      },
      { writable: true },
    );
  });

  it("is given up when it does not answer in time", async () => {
    await bench.withServer(never, async (cache) => {
      const startMs = performance.now();
      assert.equal(await cache.getAction(key), undefined);
      // Thirty seconds usually; a busy machine is slow to tell the end of 0.1 s.
      assert.ok(performance.now() - startMs < 10_000);
      assert.match(
        bench.log.warnings[0],
        /: no answer within 0\.1 s; this run/,
      );
      assert.equal(bench.log.warnings.length, 1);
    }, { times: hastyTimes });
  });

  it("is given up when it drips", async () => {
    const drip = () => {
      let timer: ReturnType<typeof setInterval>;
      return new Response(
        new ReadableStream({
          start(controller) {
            timer = setInterval(() => controller.enqueue(Uint8Array.of(1)), 20);
          },
          cancel: () => clearInterval(timer),
        }),
      );
    };
    await bench.withServer(drip, async (cache) => {
      assert.equal(await bench.fetchInto(cache), false);
      assert.match(
        bench.log.warnings[0],
        /: only \d+ bytes within 0\.2 s; this run/,
      );
    }, { times: hastyTimes });
  });

  it("is an error when asked for strictness, one line that says where", async () => {
    for (
      const [answer, found] of [
        [() => new Response(null, { status: 500 }), "status 500"],
        [never, "no answer within 0.1 s"],
      ] as const
    ) {
      await bench.withServer(answer, async (cache, base) => {
        for (
          const call of [
            () => cache.getAction(key),
            () => bench.fetchInto(cache),
          ]
        ) {
          await assert.rejects(call, (error) => {
            assert.ok(error instanceof PipelineError);
            assert.equal(
              error.message,
              `Cannot read from the shared cache: ${base.host}/team: found ${found}; check the server, or run without --remote-strict`,
            );
            return true;
          });
        }
      }, { strict: true, times: hastyTimes });
    }
  });
});

describe("a server that answers wrongly", () => {
  const wrong: [what: string, answer: Answer][] = [
    ["other bytes of the same size", () => new Response(bytes.slice().fill(7))],
    ["too few bytes", () => new Response(bytes.slice(0, 100))],
    ["too many bytes", () => new Response(new Uint8Array(5000))],
    [
      "too many bytes of untold number",
      () => new Response(ReadableStream.from([bytes, bytes])),
    ],
    [
      "too few bytes of untold number",
      () => new Response(ReadableStream.from([bytes.slice(0, 100)])),
    ],
    ["nothing", () => new Response(null)],
  ];
  for (const [what, answer] of wrong) {
    it(`counts as a miss when it gives ${what}, also when strict`, async () => {
      await bench.withServer(answer, async (cache, base) => {
        assert.equal(await bench.fetchInto(cache), false);
        assert.deepEqual(bench.log.warnings, [
          `the shared cache ${base.host}/team holds other bytes under ${object.digest}; ignored`,
        ]);
      }, { strict: true });
    });
  }

  it("counts as a miss when there is nothing", async () => {
    await bench.withServer(
      () => new Response("no such file", { status: 404 }),
      async (cache) => {
        assert.equal(await bench.fetchInto(cache), false);
        assert.equal(await cache.getAction(key), undefined);
        assert.deepEqual(bench.log.warnings, []);
      },
      { strict: true },
    );
  });

  it("counts as a miss when a record is none", async () => {
    await bench.withServer(
      () => new Response("welcome"),
      async (cache, base) => {
        assert.equal(await cache.getAction(key), undefined);
        assert.deepEqual(bench.log.warnings, [
          `the shared cache ${base.host}/team holds a damaged record for ${key}; ignored`,
        ]);
      },
    );
  });

  it("gets wrong bytes replaced, although it says that it has the object", async () => {
    const file = bench.write("stored", bytes);
    let held = bytes.slice().fill(7);
    await bench.withServer(async (request) => {
      if (request.method === "PUT") held = await request.bytes();
      return new Response(request.method === "GET" ? held : null, {
        headers: { "content-length": String(bytes.length) },
      });
    }, async (cache) => {
      assert.equal(await cache.putObject(object, file), true);
      assert.equal(held[0], 7); // nothing told yet that it is wrong
      assert.equal(await bench.fetchInto(cache), false);
      assert.equal(await cache.putObject(object, file), true);
      assert.deepEqual(held, bytes);
      assert.equal(await bench.fetchInto(cache), true);
    }, { writable: true });
  });
});

describe("credentials", () => {
  it("are sent with every request and stand in no message", async () => {
    const seen = new Set<string | null>();
    const credentials = Credentials.bearer("s3cret");
    const file = bench.write("stored", bytes);
    await bench.withServer((request) => {
      seen.add(request.headers.get("authorization"));
      return new Response(null, { status: 404 });
    }, async (cache) => {
      await cache.getAction(key);
      await bench.fetchInto(cache);
      await cache.putObject(object, file);
      await cache.getAction(key);
    }, { credentials, writable: true });
    assert.deepEqual([...seen], ["Bearer s3cret"]);
    assert.equal(bench.log.warnings.length, 1); // PUT 404
    assert.doesNotMatch(bench.log.warnings.join(), /s3cret/);
  });
});
