/** Why one mirror did not give a file, in a few words. */
export class FetchFault extends Error {
  /** the class, for logs */
  override readonly name = "FetchFault";
  /** whether the same mirror may well give it a moment later */
  readonly isPassing: boolean;
  /** how long the server asks to wait; 0 when it does not */
  readonly waitMs: number;

  constructor(message: string, isPassing: boolean, waitMs = 0) {
    super(message);
    this.isPassing = isPassing;
    this.waitMs = waitMs;
  }
}

/** The server does not go on where it was asked to: what came before is no beginning of what it has now. */
export class RangeFault extends FetchFault {
  constructor(message: string) {
    super(message, true);
  }
}

/** The server sends so slowly that the file would never be whole; what came is no reason to ask it more often. */
export class RateFault extends FetchFault {
  constructor(message: string) {
    super(message, true);
  }
}

/** Statuses that tell of the server's state rather than of the file. */
const passingStatuses = new Set([408, 425, 429, 500, 502, 503, 504]);

/** The fault that an answer other than the file is. */
export function statusFault(status: number, retryAfter: string | null) {
  const seconds = Number(retryAfter ?? 0);
  return new FetchFault(
    String(status),
    passingStatuses.has(status),
    seconds > 0 && seconds <= 120 ? seconds * 1000 : 0,
  );
}

/** What the runtime's network errors mean; the first that fits. */
const meanings: [pattern: RegExp, passing: boolean, words?: string][] = [
  [/connection refused/i, true, "connection refused"],
  [
    /dns error|failed to lookup|name or service not known/i,
    true,
    "unknown host (DNS)",
  ],
  [/network is unreachable|no route to host/i, true, "network unreachable"],
  [/invalid peer certificate[^;]*/i, false],
  [/(tls|certificate|handshake|alert)[^;]*/i, false],
  [
    /connection reset|broken pipe|connection closed|closed before|reading a body|unexpected eof|incomplete|body write|end of file/i,
    true,
    "connection cut",
  ],
];

/** Names what `fetch` or the reading of its body threw. */
export function networkFault(error: unknown): FetchFault {
  if (error instanceof FetchFault) return error;
  if (error instanceof Deno.errors.NotCapable) {
    return new FetchFault(
      "not allowed by Deno (the task allows the hosts that the config names)",
      false,
    );
  }
  const message = messagesOf(error);
  for (const [pattern, isPassing, words] of meanings) {
    const match = pattern.exec(message);
    if (match === null) continue;
    return new FetchFault(words ?? `TLS: ${match[0].trim()}`, isPassing);
  }
  const last = message.slice(message.lastIndexOf(": ") + 1).trim();
  return new FetchFault(last === "" ? "network failure" : last, true);
}

/** The error's own words and those of what caused it. */
function messagesOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return cause === undefined ? message : `${message}: ${messagesOf(cause)}`;
}
