/**
 * The shared cache as a server of the Bazel remote-cache HTTP protocol: `GET`, `HEAD` and `PUT` of `ac/<stage key>` and
 * `cas/<sha-256>`.
 *
 * @module
 */
import type { TransferTimes } from "../../data/transfer_watch.ts";
import type { ActionRecord } from "../store/action_record.ts";
import {
  decodeActionResult,
  encodeActionResult,
  recordText,
  signedParts,
} from "./action_result.ts";
import { PipelineError } from "../errors.ts";
import type { Log } from "../log.ts";
import {
  accept,
  denialOf,
  drain,
  passing,
  remedyOf,
  statusFailure,
  tooLarge,
  wholeBody,
} from "./answers.ts";
import { type RemoteAnswer, RemoteFailure, RemoteHttp } from "./cache_http.ts";
import {
  type RemoteCacheOptions,
  requireCacheOptions,
} from "./cache_options.ts";
import { OtherAnswers } from "./other_answers.ts";
import {
  DamagedObject,
  fillFile,
  type TransferResult,
  verifiedChunks,
} from "./transfer.ts";
import { retrying } from "./retrying.ts";
import type { SharedCache, SharedObject } from "../store/shared_cache.ts";

/** How long a server that keeps failing for a passing reason is left alone before it is tried again. */
const restMs = 60_000;

/** A shared cache on an HTTP server. */
export class RemoteCache implements SharedCache, Disposable {
  /** host and path of the server */
  readonly name: string;
  readonly #options: RemoteCacheOptions;
  readonly #log: Log;
  readonly #http: RemoteHttp;
  #readable = true;
  #writable: boolean;
  /** when a server that failed for a passing reason is tried again; a monotonic time */
  #restsUntilMs = 0;
  readonly #told = new Set<string>();
  readonly #others: OtherAnswers;
  readonly #signal: AbortSignal;
  /** objects that the server holds with other bytes than their name says */
  readonly #wrong = new Set<string>();

  /**
   * Reaches for nothing yet.
   *
   * @param use.times when a request is given up; default: as everywhere
   */
  constructor(
    options: RemoteCacheOptions,
    use: { log: Log; signal: AbortSignal; times?: TransferTimes },
  ) {
    requireCacheOptions(options, use);
    const { log, signal, times } = use;
    const { base, credentials } = options;
    this.name = base.host + base.pathname.replace(/\/+$/, "");
    [this.#options, this.#writable] = [options, options.writable];
    this.#log = log;
    this.#others = new OtherAnswers(this.name, log);
    this.#signal = signal;
    this.#http = new RemoteHttp({
      base,
      credentials,
      signal,
      ...(times === undefined ? {} : { times }),
    });
  }

  /** Closes idle connections. */
  [Symbol.dispose](): void {
    this.#http[Symbol.dispose]();
  }

  /** Whether it takes anything now; a busy server is left alone for a while. */
  get writable(): boolean {
    return this.#writable && !this.#rests;
  }

  get #rests(): boolean {
    return performance.now() < this.#restsUntilMs;
  }

  async getAction(key: string): Promise<ActionRecord | undefined> {
    if (!this.#readable || this.#rests) return undefined;
    return await this.#attempt("read from", undefined, async () => {
      const bytes = await retrying(this.#signal, async () => {
        const answer = await this.#http.get(`ac/${key}`);
        return await this.#isThere(answer)
          ? await wholeBody(answer)
          : undefined;
      });
      if (bytes === undefined) return undefined;
      if (this.#others.isForRecord(bytes, key)) return undefined;
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
    if (!this.writable) return;
    const { signer } = this.#options;
    const bytes = encodeActionResult(
      record,
      await signer?.sign(recordText(record)),
    );
    await this.#attempt(
      "write to",
      undefined,
      () =>
        retrying(this.#signal, async () => {
          const body = { sizeBytes: bytes.length, chunks: [bytes] };
          await accept(await this.#http.put(`ac/${record.key}`, body));
        }),
    );
  }

  async fetchObject(
    object: SharedObject,
    temporaryFile: string,
  ): Promise<boolean> {
    if (!this.#readable || this.#rests) return false;
    return await this.#attempt("read from", false, async () => {
      let last: RemoteAnswer | undefined;
      const result = await fillFile(object, temporaryFile, async (from) => {
        const answer = await retrying(this.#signal, async () => {
          const answer = await this.#http.get(`cas/${object.digest}`, from);
          if (!passing.includes(answer.status)) return answer;
          await drain(answer);
          throw statusFailure(answer);
        });
        // 416: there is nothing from that byte on, so the server's object is too short.
        if (answer.status === 416) return { ...answer, sizeBytes: 0 };
        last = answer;
        return await this.#isThere(answer) ? answer : undefined;
      });
      const warning = this.#warningOf(result, object, last);
      if (warning !== undefined) this.#log.warn(`${warning}; ignored`);
      return result === "filled";
    });
  }

  async putObject(object: SharedObject, file: string): Promise<boolean> {
    if (!this.writable) return false;
    const { digest, sizeBytes } = object;
    const path = `cas/${digest}`;
    return await this.#attempt(
      "write to",
      false,
      () =>
        retrying(this.#signal, async () => {
          if (!this.#wrong.has(digest) && await this.#holds(object)) {
            return true;
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

  #warningOf(
    result: TransferResult,
    { digest, sizeBytes }: SharedObject,
    last: RemoteAnswer | undefined,
  ): string | undefined {
    if (result === "wrong") {
      if (last && this.#others.isForObject(last, digest)) return undefined;
      this.#wrong.add(digest);
      return `the shared cache ${this.name} holds other bytes under ${digest}`;
    }
    return result === "no room"
      ? `no room on this disk for ${digest} of the shared cache ${this.name}, ${sizeBytes} bytes`
      : undefined;
  }

  /** Whether the server has an object already; an answer that cannot be read is none, and costs only that it is sent again. */
  async #holds({ digest, sizeBytes }: SharedObject): Promise<boolean> {
    try {
      const answer = await this.#http.head(`cas/${digest}`);
      await drain(answer);
      return answer.status === 200 &&
        (answer.sizeBytes ?? sizeBytes) === sizeBytes;
    } catch (error) {
      if (!(error instanceof RemoteFailure)) throw error;
      return false;
    }
  }

  /** Whether an answer brings what was asked for; the body of any other is read to its end. */
  async #isThere(answer: RemoteAnswer): Promise<boolean> {
    const { status } = answer;
    if (status === 200 || status === 206) return true;
    await drain(answer);
    if (status === 404 || status === 410) return false;
    const denial = denialOf(answer);
    if (denial === undefined || this.#options.strict) {
      throw statusFailure(answer);
    }
    this.#warnOnce(`the shared cache ${this.name} answers with ${denial}`);
    return false;
  }

  /** Whether a message's record may be believed: any, unless keys were named. */
  async #isTrusted(message: Uint8Array): Promise<boolean> {
    const { trusted } = this.#options;
    if (trusted === undefined) return true;
    const { text, signature } = signedParts(message);
    return text !== undefined && await trusted.accept(text, signature);
  }

  /** Warns of what holds for many answers, once. */
  #warnOnce(text: string): void {
    if (!this.#told.has(text)) this.#log.warn(text);
    this.#told.add(text);
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
      const fault =
        `cannot ${verb} the shared cache ${this.name}: ${error.found}`;
      if (passing.includes(error.status ?? 0)) {
        const waitMs = Math.max(restMs, error.retryAfterMs ?? 0);
        this.#restsUntilMs = performance.now() + waitMs;
        if (!this.#told.has("rest")) {
          this.#log.warn(`${fault}; it is tried again with a later stage`);
        }
        this.#told.add("rest");
        return otherwise;
      }
      if (error.status === tooLarge) {
        this.#warnOnce(`${fault}; results with such files are not shared`);
        return otherwise;
      }
      const told = verb === "read from" ? !this.#readable : !this.#writable;
      this.#writable = false;
      // A server that takes nothing may still give.
      if (verb === "read from" || error.status === undefined) {
        this.#readable = false;
      }
      if (!told) {
        const help = remedy === undefined ? "" : `; ${remedy}`;
        this.#log.warn(`${fault}${help}; this run goes on without`);
      }
      return otherwise;
    }
  }
}
