import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { PipelineError } from "../../../pipeline/errors.ts";
import { RemoteCache } from "../../../pipeline/remote/cache.ts";
import {
  newKeyPair,
  RecordSigner,
  TrustedKeys,
} from "../../../pipeline/remote/record_signature.ts";
import { RemoteBench } from "../../helpers/pipeline/small/remote.ts";
import { Workspace } from "../../helpers/pipeline/small/workspace.ts";

let bench: RemoteBench;
beforeEach(() => {
  bench = new RemoteBench();
});
afterEach(() => bench[Symbol.dispose]());

describe("a signed record", () => {
  it("is the signature that RFC 8032 gives", async () => {
    const bytes = (hex: string) =>
      Uint8Array.from(hex.match(/../g)!, (pair) => parseInt(pair, 16));
    const text = (hex: string) =>
      btoa(String.fromCharCode(...bytes(hex))).replaceAll("+", "-")
        .replaceAll("/", "_").replace("=", "");
    // The RFC's first pair of keys.
    const signer = RecordSigner.of(
      text("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
      "test",
    );
    const trusted = TrustedKeys.of([
      text("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
    ], "test");
    const message = new TextEncoder().encode("a record");
    const signature = await signer.sign(message);
    assert.equal(signature.length, 64);
    assert.ok(await trusted.accept(message, signature));
    assert.ok(!await trusted.accept(message.subarray(1), signature));
    assert.ok(!await trusted.accept(message, undefined));
    signature[9] ^= 1;
    assert.ok(!await trusted.accept(message, signature));
  });

  it("is believed by those who trust its writer, and by nobody else", async () => {
    using workspace = new Workspace();
    const { stages } = await workspace.run();
    const record = workspace.store().readRecord(stages[0].key)!;
    const [ours, others] = [await newKeyPair(), await newKeyPair()];
    const kept = new Map<string, Uint8Array<ArrayBuffer>>();
    await bench.withServer(async (request) => {
      const { pathname } = new URL(request.url);
      if (request.method === "PUT") {
        kept.set(pathname, new Uint8Array(await request.arrayBuffer()));
        return new Response();
      }
      const body = kept.get(pathname);
      return new Response(body ?? null, { status: body ? 200 : 404 });
    }, async (_, base) => {
      const cacheWith = (privateKey: string, publicKey: string) =>
        new RemoteCache({
          base,
          writable: true,
          strict: true,
          credentials: undefined,
          ...(privateKey === "" ? {} : {
            signer: RecordSigner.of(privateKey, "test"),
          }),
          ...(publicKey === "" ? {} : {
            trusted: TrustedKeys.of([publicKey], "test"),
          }),
        }, { log: bench.log, signal: new AbortController().signal });
      for (
        const [writes, reads, isBelieved] of [
          [ours.privateKey, ours.publicKey, true],
          [ours.privateKey, "", true],
          [others.privateKey, ours.publicKey, false],
          ["", ours.publicKey, false],
        ] as const
      ) {
        using writer = cacheWith(writes, "");
        await writer.putAction(record);
        using reader = cacheWith("", reads);
        const read = await reader.getAction(record.key);
        assert.deepEqual(read, isBelieved ? record : undefined);
      }
      assert.match(
        bench.log.warnings.at(-1)!,
        /that no trusted key has signed/,
      );
    });
  });

  it("needs a key that is one, and repeats none", () => {
    for (const text of ["", "secret", "x".repeat(44)]) {
      assert.throws(() => RecordSigner.of(text, "VARIABLE"), (error: Error) => {
        assert.ok(error instanceof PipelineError);
        assert.match(error.message, /VARIABLE: found something that is no key/);
        assert.ok(text === "" || !error.message.includes(text));
        return true;
      });
    }
  });
});
