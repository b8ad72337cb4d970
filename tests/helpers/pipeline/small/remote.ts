/** A shared cache against a server of the test's own making, and one object to move. */
import { join } from "node:path";
import type { TransferTimes } from "../../../../data/transfer_watch.ts";
import { sha256 } from "../../../../pipeline/files/hash.ts";
import { RemoteCache } from "../../../../pipeline/remote/cache.ts";
import type { Credentials } from "../../../../pipeline/remote/cache_options.ts";
import { type RecordedLog, recordedLog } from "../recorded_log.ts";

export const bytes = new TextEncoder().encode(
  "the bytes of one object\n".repeat(50),
);
export const object = { digest: sha256(bytes), sizeBytes: bytes.length };
export const key = "a".repeat(64);

export type Answer = (request: Request) => Response | Promise<Response>;

/** Answers when it is too late. */
export const never: Answer = () =>
  new Promise((resolve) => setTimeout(() => resolve(new Response()), 400));

/** Of a cache that is to give up soon. */
export const hastyTimes: TransferTimes = {
  connectMs: 100,
  idleMs: 100,
  leastRate: { sizeBytes: 4096, withinMs: 200 },
};

export interface CacheOptions {
  writable?: boolean;
  strict?: boolean;
  credentials?: Credentials;
  times?: TransferTimes;
  signal?: AbortSignal;
}

/** A folder for files on their way, and a log that keeps its lines. */
export class RemoteBench implements Disposable {
  readonly folder = Deno.makeTempDirSync();
  readonly log: RecordedLog = recordedLog();

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** A file with these bytes. */
  write(name: string, content: Uint8Array): string {
    Deno.writeFileSync(this.path(name), content);
    return this.path(name);
  }

  /** Fetches the object into the file `object`. */
  fetchInto(cache: RemoteCache): Promise<boolean> {
    return cache.fetchObject(object, this.path("object"));
  }

  cacheAt(base: URL, options: CacheOptions = {}): RemoteCache {
    const { writable = false, strict = false, credentials, times } = options;
    return new RemoteCache({ base, writable, strict, credentials }, {
      log: this.log,
      signal: options.signal ?? new AbortController().signal,
      ...(times === undefined ? {} : { times }),
    });
  }

  /** Does something with a cache on a server that answers like this. */
  async withServer(
    answer: Answer,
    action: (cache: RemoteCache, base: URL) => Promise<void>,
    options: CacheOptions = {},
  ): Promise<void> {
    const server = Deno.serve({
      port: 0,
      hostname: "127.0.0.1",
      onListen() {},
      onError: () => new Response(null, { status: 500 }),
    }, answer);
    const base = new URL(`http://127.0.0.1:${server.addr.port}/team/`);
    try {
      using cache = this.cacheAt(base, options);
      await action(cache, base);
    } finally {
      await server.shutdown();
    }
  }
}
