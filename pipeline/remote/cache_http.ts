/**
 * The few HTTP requests that a shared cache needs, each with a time limit that a slow but living transfer does not hit.
 *
 * `fetch` sends a stream in chunks of unknown total, which cache servers refuse; Node's client sends a Content-Length.
 *
 * @module
 */
import * as http from "node:http";
import * as https from "node:https";
import {
  type TransferTimes,
  TransferWatch,
  usualTransferTimes,
} from "../../data/transfer_watch.ts";
import type { Credentials } from "./cache_options.ts";

/** A request that got no usable answer. */
export class RemoteFailure extends Error {
  override name = "RemoteFailure";
  /** what happened, for people: `status 500` */
  readonly found: string;
  /** status of the answer; undefined when there was none */
  readonly status: number | undefined;
  /** whether the same request may well succeed when it is sent again */
  readonly transient: boolean;
  /** how long the server asks to be left alone first; undefined when it does not say */
  readonly retryAfterMs: number | undefined;

  constructor(
    found: string,
    { status, transient = false, retryAfterMs }: {
      status?: number | undefined;
      transient?: boolean;
      retryAfterMs?: number | undefined;
    } = {},
  ) {
    super(found);
    this.found = found;
    this.status = status;
    this.transient = transient;
    this.retryAfterMs = retryAfterMs;
  }
}

/** How to reach a server. */
export interface RemoteHttpOptions {
  base: URL;
  credentials: Credentials | undefined;
  /** aborting it ends every request with its reason */
  signal: AbortSignal;
  /** when a request is given up; default: as everywhere */
  times?: TransferTimes;
}

/** What a server says before it sends a body. */
export interface RemoteAnswer {
  status: number;
  /** Content-Length; undefined when it is not told */
  sizeBytes: number | undefined;
  /** first byte that a partial answer (status 206) holds; undefined in any other */
  from: number | undefined;
  /** what Retry-After asks for; undefined when it is not told */
  retryAfterMs: number | undefined;
  /** Content-Type and Content-Encoding, as far as they are told */
  type?: string | undefined;
  encoding?: string | undefined;
  /** where it sends whoever asks; undefined unless it is a redirect */
  redirect?: URL | undefined;
  /** the body, which throws {@linkcode RemoteFailure} when it breaks off; leaving the loop early ends the connection */
  body: AsyncIterable<Uint8Array>;
  /** ends the connection, when the body is not wanted */
  discard(): void;
}

/** What a body that is sent consists of. */
export interface RemoteBody {
  sizeBytes: number;
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** How many requests one server gets at once. */
const mostRequests = 8;

/** Stores send whoever asks to a signed address at most once; more is a circle. */
const mostRedirects = 3;

/** A keep-alive client of one server. */
export class RemoteHttp implements Disposable {
  readonly #options: RemoteHttpOptions;
  readonly #base: string;
  readonly #client: typeof http | typeof https;
  readonly #agent: http.Agent;

  constructor(options: RemoteHttpOptions) {
    this.#options = options;
    this.#base = options.base.href.replace(/\/+$/, "");
    this.#client = options.base.protocol === "https:" ? https : http;
    this.#agent = new this.#client.Agent({
      keepAlive: true,
      maxSockets: mostRequests,
    });
  }

  /** Closes idle connections. */
  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  /** `GET {base}/{path}`, from byte `from` on; redirects within the server are followed, those to others are the answer. */
  async get(path: string, from = 0): Promise<RemoteAnswer> {
    const range: Record<string, string> = from > 0
      ? { range: `bytes=${from}-` }
      : {};
    let answer = await this.#request("GET", `${this.#base}/${path}`, range);
    for (let hops = 0; hops < mostRedirects; hops++) {
      const { redirect } = answer;
      if (redirect?.origin !== this.#options.base.origin) break;
      answer.discard();
      answer = await this.#request("GET", redirect.href, range);
    }
    return answer;
  }

  /** `HEAD {base}/{path}`. */
  head(path: string): Promise<RemoteAnswer> {
    return this.#request("HEAD", `${this.#base}/${path}`, {});
  }

  /** `PUT {base}/{path}`; when `body` throws, the request is broken off and the error passed on. */
  put(path: string, body: RemoteBody): Promise<RemoteAnswer> {
    return this.#request("PUT", `${this.#base}/${path}`, {
      "content-type": "application/octet-stream",
      "content-length": String(body.sizeBytes),
    }, body);
  }

  #request(
    method: string,
    url: string,
    headers: Record<string, string>,
    body?: RemoteBody,
  ): Promise<RemoteAnswer> {
    const { credentials, signal, times = usualTransferTimes } = this.#options;
    const sent = { "accept-encoding": "identity", ...headers };
    if (credentials) {
      Object.assign(sent, { authorization: credentials.reveal() });
    }

    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const request = this.#client.request(url, {
        method,
        headers: sent,
        agent: this.#agent,
      });
      let failure: unknown;
      const end = (reason: unknown) => {
        failure ??= reason;
        reject(failure);
        request.destroy();
      };
      const abort = () => end(signal.reason);
      const watch = new TransferWatch(
        times,
        ({ found }) => end(new RemoteFailure(found)),
      );
      signal.addEventListener("abort", abort);
      const settle = () => {
        watch[Symbol.dispose]();
        signal.removeEventListener("abort", abort);
      };
      request.on("close", settle);
      request.on("error", (error) => end(failureOf(error)));
      request.on("response", (response) => {
        watch.moved(0);
        const read = async function* (): AsyncGenerator<Uint8Array> {
          try {
            for await (const chunk of response) {
              watch.moved(chunk.length);
              yield chunk;
            }
          } catch (error) {
            throw failure ?? failureOf(error);
          } finally {
            settle();
            if (!response.complete) request.destroy();
          }
          if (!response.complete) {
            throw failure ?? brokenOff();
          }
        };
        resolve({
          status: response.statusCode ?? 0,
          sizeBytes: sizeOf(response.headers["content-length"]),
          from: response.statusCode === 206
            ? startOf(response.headers["content-range"])
            : undefined,
          retryAfterMs: retryAfterOf(response.headers["retry-after"]),
          type: response.headers["content-type"],
          encoding: response.headers["content-encoding"],
          redirect: redirectOf(response, url),
          body: { [Symbol.asyncIterator]: read },
          discard: () => void request.destroy(),
        });
      });
      if (body === undefined) request.end();
      else {send(request, body, (sizeBytes) => watch.moved(sizeBytes)).catch(
          end,
        );}
    });
  }
}

/** Sends a body as fast as the server takes it. */
async function send(
  request: http.ClientRequest,
  body: RemoteBody,
  onSent: (sizeBytes: number) => void,
): Promise<void> {
  let goOn = () => {};
  request.on("close", () => goOn());
  for await (const chunk of body.chunks) {
    if (request.destroyed) return;
    // One chunk at a time waits for the server.
    await new Promise<void>((resolve) => {
      goOn = resolve;
      request.write(chunk, () => resolve());
    });
    onSent(chunk.length);
  }
  request.end();
}

function redirectOf(
  { statusCode, headers }: http.IncomingMessage,
  from: string,
): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode ?? 0)) return undefined;
  return URL.parse(headers.location ?? "", from) ?? undefined;
}

function sizeOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,15}$/.test(header)
    ? Number(header)
    : undefined;
}

/** Seconds or a date, as milliseconds from now; undefined when it is neither. */
function retryAfterOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const waitMs = /^\d{1,9}$/.test(header)
    ? Number(header) * 1000
    : Date.parse(header) - Date.now();
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}

/** `bytes 100-199/200` → 100; NaN, which equals no position, when it cannot be read. */
function startOf(header: string | undefined): number {
  return Number(/^bytes (\d{1,15})-/.exec(header ?? "")?.[1] ?? NaN);
}

function brokenOff(): RemoteFailure {
  return new RemoteFailure("a connection that broke off", { transient: true });
}

/** Node's error codes in words. */
const faults: Record<string, string> = {
  ECONNREFUSED: "nobody there (connection refused)",
  ENOTFOUND: "no such host",
  EHOSTUNREACH: "a host that cannot be reached",
  ENETUNREACH: "a network that cannot be reached",
  ETIMEDOUT: "no answer",
};

function failureOf(error: unknown): RemoteFailure {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code === "ECONNRESET" || code === "EPIPE") return brokenOff();
  if (typeof code === "string" && code in faults) {
    return new RemoteFailure(faults[code]);
  }
  return new RemoteFailure(
    typeof message === "string" ? message : String(error),
  );
}
