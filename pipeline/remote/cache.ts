/**
 * The shared cache as a server of the Bazel remote-cache HTTP protocol: `GET`, `HEAD` and `PUT` of `ac/<stage key>` and
 * `cas/<sha-256>`.
 *
 * @module
 */
import type { ActionRecord } from "../store/action_record.ts";
import {
  decodeActionResult,
  encodeActionResult,
  recordText,
  signedParts,
} from "./action_result.ts";
import { PipelineError } from "../errors.ts";
import type { Log } from "../log.ts";
import { type RemoteAnswer, RemoteFailure, RemoteHttp } from "./cache_http.ts";
import {
  type RemoteCacheOptions,
  remoteCacheVariables,
} from "./cache_options.ts";
import { DamagedObject, fillFile, verifiedChunks } from "./transfer.ts";
import type { SharedCache, SharedObject } from "../store/shared_cache.ts";

/** A record larger than this is taken for something else. */
const mostRecordBytes = 64 << 20;

/** An error page longer than this is not read for the sake of its connection. */
const mostUnwantedBytes = 1 << 16;

const successes = [200, 201, 202, 204];

/** A shared cache on an HTTP server. */
export class RemoteCache implements SharedCache, Disposable {
  /** host and path of the server */
  readonly name: string;
  readonly #options: RemoteCacheOptions;
  readonly #log: Log;
  readonly #http: RemoteHttp;
  #readable = true;
  #writable: boolean;
  /** objects that the server holds with other bytes than their name says */
  readonly #wrong = new Set<string>();

  /**
   * Reaches for nothing yet.
   *
   * @param use.timeoutMs a request that moves fewer than 4 KiB within such a time is given up; default 30 s
   */
  constructor(
    options: RemoteCacheOptions,
    use: { log: Log; signal: AbortSignal; timeoutMs?: number },
  ) {
    const { log, signal, timeoutMs } = use;
    const { base, credentials } = options;
    this.name = base.host + base.pathname.replace(/\/+$/, "");
    this.#options = options;
    this.#writable = options.writable;
    this.#log = log;
    this.#http = new RemoteHttp({
      base,
      credentials,
      signal,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
  }

  /** Closes idle connections. */
  [Symbol.dispose](): void {
    this.#http[Symbol.dispose]();
  }

  get writable(): boolean {
    return this.#writable;
  }

  async getAction(key: string): Promise<ActionRecord | undefined> {
    if (!this.#readable) return undefined;
    return await this.#attempt("read from", undefined, async () => {
      const bytes = await this.#retrying(async () => {
        const answer = await this.#http.get(`ac/${key}`);
        return await isThere(answer) ? await wholeBody(answer) : undefined;
      });
      if (bytes === undefined) return undefined;
      if (!await this.#isTrusted(bytes)) {
        this.#log.warn(
          `the shared cache ${this.name} holds a record for ${key} that no trusted key has signed; ignored`,
        );
        return undefined;
      }
      const record = decodeActionResult(bytes, key);
      if (record === undefined) {
        this.#log.warn(
          `the shared cache ${this.name} holds a damaged record for ${key}; ignored`,
        );
      }
      return record;
    });
  }

  async putAction(record: ActionRecord): Promise<void> {
    if (!this.#writable) return;
    const { signer } = this.#options;
    const bytes = encodeActionResult(
      record,
      await signer?.sign(recordText(record)),
    );
    await this.#attempt(
      "write to",
      undefined,
      () =>
        this.#retrying(async () => {
          const body = { sizeBytes: bytes.length, chunks: [bytes] };
          await accept(await this.#http.put(`ac/${record.key}`, body));
        }),
    );
  }

  async fetchObject(
    object: SharedObject,
    temporaryFile: string,
  ): Promise<boolean> {
    if (!this.#readable) return false;
    return await this.#attempt("read from", false, async () => {
      const result = await fillFile(object, temporaryFile, async (from) => {
        const answer = await this.#retrying(() =>
          this.#http.get(`cas/${object.digest}`, from)
        );
        // 416: there is nothing from that byte on, so the server's object is too short.
        if (answer.status === 416) return { ...answer, sizeBytes: 0 };
        return await isThere(answer) ? answer : undefined;
      });
      if (result === "wrong") {
        this.#wrong.add(object.digest);
        this.#log.warn(
          `the shared cache ${this.name} holds other bytes under ${object.digest}; ignored`,
        );
      }
      return result === "filled";
    });
  }

  async putObject(object: SharedObject, file: string): Promise<boolean> {
    if (!this.#writable) return false;
    const { digest, sizeBytes } = object;
    const path = `cas/${digest}`;
    return await this.#attempt(
      "write to",
      false,
      () =>
        this.#retrying(async () => {
          if (!this.#wrong.has(digest)) {
            const answer = await this.#http.head(path);
            await drain(answer);
            const size = answer.sizeBytes ?? sizeBytes;
            if (answer.status === 200 && size === sizeBytes) return true;
          }
          // Nothing is sent to its end unless it is what its name says: a damaged object stays here.
          const chunks = verifiedChunks(object, file);
          try {
            await accept(await this.#http.put(path, { sizeBytes, chunks }));
          } catch (error) {
            if (error instanceof DamagedObject) return false;
            throw error;
          }
          this.#wrong.delete(digest);
          return true;
        }),
    );
  }

  /** Whether a message's record may be believed: any, unless keys were named. */
  async #isTrusted(message: Uint8Array): Promise<boolean> {
    const { trusted } = this.#options;
    if (trusted === undefined) return true;
    const { text, signature } = signedParts(message);
    return text !== undefined && await trusted.accept(text, signature);
  }

  /** Runs `action`; a failing server is told once, or an error with `--remote-strict`. */
  async #attempt<T>(
    verb: "read from" | "write to",
    otherwise: T,
    action: () => Promise<T>,
  ): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof RemoteFailure)) throw error;
      const remedy = remedyOf(error);
      if (this.#options.strict) {
        throw new PipelineError({
          attempt: `${verb} the shared cache`,
          where: this.name,
          found: error.found,
          remedy: remedy ?? "check the server, or run without --remote-strict",
        });
      }
      const told = verb === "read from" ? !this.#readable : !this.#writable;
      this.#writable = false;
      // A server that takes nothing may still give.
      if (verb === "read from" || error.status === undefined) {
        this.#readable = false;
      }
      if (!told) {
        this.#log.warn(
          `cannot ${verb} the shared cache ${this.name}: ${error.found}${
            remedy === undefined ? "" : `; ${remedy}`
          }; this run goes on without`,
        );
      }
      return otherwise;
    }
  }

  /** Tries a second time, since a server may close an idle connection at the moment it is used. */
  async #retrying<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof RemoteFailure) || !error.transient) throw error;
      return await action();
    }
  }
}

/** Whether an answer brings what was asked for; the body of any other is read to its end. */
async function isThere(answer: RemoteAnswer): Promise<boolean> {
  if (answer.status === 200 || answer.status === 206) return true;
  await drain(answer);
  if (answer.status === 404 || answer.status === 410) return false;
  throw statusFailure(answer);
}

/** Makes sure that what was sent was taken; a server may refuse it before all of it has arrived, and close. */
async function accept(answer: RemoteAnswer): Promise<void> {
  if (successes.includes(answer.status)) return await drain(answer);
  answer.discard();
  throw statusFailure(answer);
}

/** Reads a body that nobody wants, so that its connection can be used again. */
async function drain({ body }: RemoteAnswer): Promise<void> {
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > mostUnwantedBytes) break;
  }
}

async function wholeBody({ body }: RemoteAnswer): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes > mostRecordBytes) break; // decoding finds out
  }
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}

function statusFailure({ status }: RemoteAnswer): RemoteFailure {
  return new RemoteFailure(`status ${status}`, { status });
}

function remedyOf({ status }: RemoteFailure): string | undefined {
  const { token, user, password } = remoteCacheVariables;
  const how = `set ${token}, or ${user} and ${password}`;
  if (status === 401) return how;
  if (status === 403) return `${how}, to somebody's who may do that`;
  return undefined;
}
