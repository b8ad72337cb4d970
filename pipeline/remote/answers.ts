/**
 * What the answers of a cache server mean, and how their bodies are read.
 *
 * @module
 */
import { type RemoteAnswer, RemoteFailure } from "./cache_http.ts";
import { remoteCacheVariables } from "./cache_options.ts";

/** A record larger than this is taken for something else. */
const mostRecordBytes = 64 << 20;

/** An error page longer than this is not read for the sake of its connection. */
const mostUnwantedBytes = 1 << 16;

const successes = [200, 201, 202, 204];

/** Statuses of a server that is busy or restarting. */
export const passing: readonly number[] = [408, 425, 429, 500, 502, 503, 504];

/** Status of a server that does not take files of that size. */
export const tooLarge = 413;

/** Makes sure that what was sent was taken; a server may refuse it before all of it has arrived, and close. */
export async function accept(answer: RemoteAnswer): Promise<void> {
  if (successes.includes(answer.status)) return await drain(answer);
  answer.discard();
  throw statusFailure(answer);
}

/** Reads a body that nobody wants, so that its connection can be used again. */
export async function drain({ body }: RemoteAnswer): Promise<void> {
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > mostUnwantedBytes) break;
  }
}

/** A body; what is longer than a record may be is nothing, and is not read to its end. */
export async function wholeBody({ body }: RemoteAnswer): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes > mostRecordBytes) return new Uint8Array();
  }
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}

/** The failure that a status is. */
export function statusFailure(
  { status, retryAfterMs }: RemoteAnswer,
): RemoteFailure {
  const transient = passing.includes(status);
  return new RemoteFailure(`status ${status}`, {
    status,
    transient,
    retryAfterMs,
  });
}

/**
 * How an answer is told that stores behind a gateway give for what they do not have, and that a token which may only write gets: 403,
 * and redirects to another server. undefined for any other.
 */
export function denialOf(
  { status, redirect }: RemoteAnswer,
): string | undefined {
  if (redirect !== undefined) {
    return `status ${status}, a redirect to ${redirect.host}, taken for "not there"; if it should be, log in (${credentialsRemedy}), or name that server with --remote`;
  }
  return status === 302 || status === 403
    ? `status ${status}, taken for "not there"; if it should be, ${credentialsRemedy}`
    : undefined;
}

const { token, user, password } = remoteCacheVariables;
/** How to log in. */
export const credentialsRemedy: string =
  `set ${token}, or ${user} and ${password}`;

/** What helps against a failure; undefined when nothing is known. */
export function remedyOf({ status }: RemoteFailure): string | undefined {
  if (status === 401) return credentialsRemedy;
  if (status === 403) {
    return `${credentialsRemedy}, to somebody's who may do that`;
  }
  return undefined;
}
