/**
 * The one place where this program reads from the network for its data: a GET of a file or of the rest of it.
 *
 * @module
 */
import {
  FetchFault,
  networkFault,
  RangeFault,
  RateFault,
  statusFault,
} from "./fetch_fault.ts";
import { type TransferTimes, TransferWatch } from "../transfer_watch.ts";

/** What is asked for. */
export interface FileRequest {
  url: string;
  /** bytes that are there already */
  startBytes: number;
  /** what the answer has to match to be continued: a strong ETag or a Last-Modified date; "" when the server gave neither */
  validator: string;
  times: TransferTimes;
  signal: AbortSignal;
}

/** An answer whose bytes are about to come. */
export interface FileAnswer {
  /** where its bytes belong: what was asked for, or 0 when it starts over */
  startBytes: number;
  /** size of the whole file; undefined when the server does not tell */
  totalBytes: number | undefined;
  /** strong ETag or Last-Modified date; "" when there is neither */
  validator: string;
  /** The bytes; throws {@linkcode FetchFault} when they stop coming. */
  bytes: AsyncIterable<Uint8Array>;
  /** Gives up on the bytes. */
  cancel(): Promise<void>;
}

const mostRedirects = 8;

/**
 * Asks for a file, from some byte on if there is a validator for what came before (`Range` with `If-Range`, RFC 9110).
 *
 * @throws {FetchFault} when the server cannot be reached, refuses, or answers something else
 * @throws the signal's reason when it is aborted
 */
export async function requestFile(request: FileRequest): Promise<FileAnswer> {
  const { startBytes, validator, times, signal } = request;
  const stop = new AbortController();
  const headers = new Headers({ "accept-encoding": "identity" });
  if (startBytes > 0) {
    headers.set("range", `bytes=${startBytes}-`);
    if (validator !== "") headers.set("if-range", validator);
  }
  const passOn = () => stop.abort(signal.reason);
  signal.addEventListener("abort", passOn, { once: true });
  const watch = new TransferWatch(times, ({ found, isRate }) => {
    stop.abort(isRate ? new RateFault(found) : new FetchFault(found, true));
  });
  const release = () => {
    watch[Symbol.dispose]();
    signal.removeEventListener("abort", passOn);
  };
  try {
    signal.throwIfAborted();
    const response = await follow(request.url, headers, stop.signal);
    const answer = await understand(response, request);
    watch.moved(0);
    return {
      ...answer,
      bytes: piecesOf(response, { stop, watch, signal, release }),
      cancel: async () => {
        release();
        await response.body?.cancel();
      },
    };
  } catch (error) {
    release();
    signal.throwIfAborted();
    throw networkFault(stop.signal.aborted ? stop.signal.reason : error);
  }
}

/** Follows redirects one by one, so that each host is named when it is not allowed, and none leads from https to http. */
async function follow(
  url: string,
  headers: Headers,
  signal: AbortSignal,
): Promise<Response> {
  let current = new URL(url);
  current.hash = "";
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    let response: Response;
    try {
      response = await fetch(current, { headers, redirect: "manual", signal });
    } catch (error) {
      if (redirects > 0 && error instanceof Deno.errors.NotCapable) {
        throw new FetchFault(
          `redirects to ${current.host}, which mirrors.redirects does not name`,
          false,
        );
      }
      throw error;
    }
    const location = response.headers.get("location");
    if (response.status < 300 || response.status > 399 || location === null) {
      return response;
    }
    await response.body?.cancel();
    const next = URL.canParse(location, current.href)
      ? new URL(location, current)
      : undefined;
    if (
      next === undefined || !/^https?:$/.test(next.protocol) ||
      (current.protocol === "https:" && next.protocol !== "https:")
    ) {
      throw new FetchFault(`redirects to ${location.slice(0, 100)}`, false);
    }
    next.hash = "";
    current = next;
  }
  throw new FetchFault(`more than ${mostRedirects} redirects`, false);
}

/** What the head of an answer says about its bytes. */
async function understand(
  response: Response,
  { startBytes, validator }: FileRequest,
): Promise<Omit<FileAnswer, "bytes" | "cancel">> {
  const { status, headers } = response;
  const own = validatorOf(headers);
  if (status === 200) {
    const length = /^\d+$/.exec(headers.get("content-length") ?? "")?.[0];
    const totalBytes = length === undefined ? undefined : Number(length);
    return { startBytes: 0, totalBytes, validator: own };
  }
  if (status === 206 && startBytes > 0) {
    const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(
      headers.get("content-range") ?? "",
    );
    const isSame = own === "" || validator === "" || own === validator;
    if (range !== null && Number(range[1]) === startBytes && isSame) {
      return { startBytes, totalBytes: Number(range[3]), validator };
    }
    await response.body?.cancel();
    throw new RangeFault("another range than was asked for");
  }
  await response.body?.cancel();
  if (status === 416) throw new RangeFault("416");
  throw statusFault(status, headers.get("retry-after"));
}

/** A weak ETag does not vouch for bytes; a date does, as far as a server that gives no strong ETag goes. */
function validatorOf(headers: Headers): string {
  const etag = headers.get("etag") ?? "";
  return /^"[^"]*"$/.test(etag) ? etag : headers.get("last-modified") ?? "";
}

/** What ends the reading of a body before its end. */
interface Reading {
  stop: AbortController;
  watch: TransferWatch;
  signal: AbortSignal;
  /** gives both of them up */
  release(): void;
}

async function* piecesOf(
  response: Response,
  { stop, watch, signal, release }: Reading,
): AsyncGenerator<Uint8Array> {
  if (response.body === null) return release();
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      watch.moved(value.length);
      yield value;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw networkFault(stop.signal.aborted ? stop.signal.reason : error);
  } finally {
    release();
    await reader.cancel().catch(() => {}); // it is over, one way or the other
  }
}
