import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  bytes,
  key,
  object,
  RemoteBench,
} from "../../helpers/pipeline/small/remote.ts";

let bench: RemoteBench;
beforeEach(() => {
  bench = new RemoteBench();
});
afterEach(() => bench[Symbol.dispose]());

describe("a server that answers as no cache does", () => {
  const html = { "content-type": "text/html; charset=utf-8" };
  const gzip = { "content-encoding": "gzip" };
  const packed = new Uint8Array(gzipSync(bytes));
  const others: [what: string, BodyInit, Record<string, string>][] = [
    ["a page in HTML or XML, as of a login or an error", "<html>hi", html],
    ["bytes packed by gzip, which was not asked for", packed, gzip],
  ];
  for (const [what, body, headers] of others) {
    it(`counts as a miss when it gives ${what}, told once`, async () => {
      let put = false;
      await bench.withServer((request) => {
        put ||= request.method === "PUT";
        return request.method === "HEAD"
          ? new Response(null, {
            headers: { "content-length": String(bytes.length) },
          })
          : new Response(body, { headers });
      }, async (cache, base) => {
        assert.equal(await cache.getAction(key), undefined);
        assert.equal(await cache.getAction(key), undefined);
        assert.equal(await bench.fetchInto(cache), false);
        const told = `the shared cache ${base.host}/team answers with ${what}`;
        assert.deepEqual(bench.log.warnings, [
          `${told} in place of the record for ${key}, taken for "not there"`,
        ]);
        // What a proxy packed on the way is not wrong on the server, and not sent again.
        await cache.putObject(object, bench.write("stored", bytes));
        assert.equal(put, false);
      }, { writable: true, strict: true });
    });
  }
});
