/**
 * Which shared cache to use, from the command line and the environment.
 *
 * @module
 */
import { isFunction, requireParts } from "../config/arguments.ts";
import { PipelineError } from "../errors.ts";
import { RecordSigner, TrustedKeys } from "./record_signature.ts";

/** Environment variables that this program reads for the shared cache. */
export const remoteCacheVariables = {
  /** the server, when `--remote` is not given */
  url: "SELF_TNET_REMOTE",
  /** sent as `Authorization: Bearer …` */
  token: "SELF_TNET_REMOTE_TOKEN",
  /** sent, with the password, as `Authorization: Basic …` */
  user: "SELF_TNET_REMOTE_USER",
  password: "SELF_TNET_REMOTE_PASSWORD",
  /** the private key that records are signed with */
  signingKey: "SELF_TNET_REMOTE_SIGNING_KEY",
} as const;

/** What was asked for. */
export interface RemoteCacheRequest {
  /** value of `--remote`; "" when it was not given */
  url: string;
  /** whether `--remote-write` was given */
  write: boolean;
  /** whether `--remote-strict` was given */
  strict: boolean;
  /** values of `--remote-trust`: public keys */
  trust?: readonly string[];
  /** value of an environment variable; undefined when it is not set or may not be read */
  environment(name: string): string | undefined;
}

/** A shared cache to use. */
export interface RemoteCacheOptions {
  /** `https://cache.example/team`, without credentials and query */
  base: URL;
  /** whether results are sent to it */
  writable: boolean;
  /** whether a server that fails is an error */
  strict: boolean;
  /** how to log in; undefined: not at all */
  credentials: Credentials | undefined;
  /** signs the records that are sent; absent: they are not signed */
  signer?: RecordSigner;
  /** whose records are believed; absent: everybody's */
  trusted?: TrustedKeys;
}

/** The value of an `Authorization` header, kept out of every print, JSON text and error message. */
export class Credentials {
  readonly #header: string;

  private constructor(header: string) {
    this.#header = header;
  }

  /** `Bearer <token>` (RFC 6750). */
  static bearer(token: string): Credentials {
    return new Credentials(`Bearer ${token}`);
  }

  /** `Basic <user:password in base64>`, as UTF-8 (RFC 7617). */
  static basic(user: string, password: string): Credentials {
    const bytes = new TextEncoder().encode(`${user}:${password}`);
    return new Credentials(`Basic ${btoa(String.fromCharCode(...bytes))}`);
  }

  /** The header's value; for the request alone. */
  reveal(): string {
    return this.#header;
  }
}

const attempt = "use a shared cache";

/**
 * The shared cache that is asked for; undefined when none is.
 *
 * @throws {PipelineError} for an address or credentials that cannot be meant; the message repeats neither
 */
export function remoteCacheOptions(
  request: RemoteCacheRequest,
): RemoteCacheOptions | undefined {
  requireParts(request, {
    attempt,
    where: "request",
    wanted: "{ url, write, strict, environment }",
  }, { url: (url) => typeof url === "string", environment: isFunction });
  const variable = (name: string) => request.environment(name) || undefined;
  const { url, token, user, password } = remoteCacheVariables;
  const where = request.url === "" ? url : "--remote";
  const typed = request.url || variable(url);
  if (typed === undefined) {
    const flag = request.write
      ? "--remote-write"
      : request.strict
      ? "--remote-strict"
      : undefined;
    if (flag === undefined) return undefined;
    throw new PipelineError({
      attempt,
      found: `${flag} without a server`,
      wanted: `--remote URL, or the variable ${url}`,
    });
  }
  const { trust = [] } = request;
  const signingKey = variable(remoteCacheVariables.signingKey);
  return {
    ...(signingKey === undefined ? {} : {
      signer: RecordSigner.of(signingKey, remoteCacheVariables.signingKey),
    }),
    ...(trust.length === 0 ? {} : {
      trusted: TrustedKeys.of(trust, "--remote-trust"),
    }),
    base: baseOf(typed, where),
    writable: request.write,
    strict: request.strict,
    credentials: credentialsOf(
      variable(token),
      variable(user),
      variable(password),
    ),
  };
}

/** The hosts, as `host:port`, that a run talks to for its shared cache. */
export function remoteCacheHosts(
  options: RemoteCacheOptions | undefined,
): string[] {
  if (options === undefined) return [];
  const { protocol, hostname, port } = options.base;
  const usual = protocol === "https:" ? "443" : "80";
  return [`${hostname}:${port === "" ? usual : port}`];
}

function baseOf(typed: string, where: string): URL {
  const wanted = "http://HOST[:PORT][/PATH] or https://…";
  const refuse = (found: string, remedy?: string) =>
    new PipelineError({
      attempt,
      where,
      found,
      wanted,
      ...(remedy === undefined ? {} : { remedy }),
    });
  const base = URL.parse(typed);
  if (base === null) throw refuse("something that is no URL");
  if (base.protocol !== "http:" && base.protocol !== "https:") {
    throw refuse(`a URL of kind ${base.protocol}`);
  }
  if (base.username !== "" || base.password !== "") {
    const { token, user, password } = remoteCacheVariables;
    throw refuse(
      "a URL with a user name or password in it",
      `leave them out and set ${user} and ${password}, or ${token}`,
    );
  }
  if (
    !/^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)$/.test(base.hostname) || base.port === "0"
  ) {
    throw refuse(
      "a host that Deno cannot be told to allow",
      "name the host in letters, digits, dots and hyphens, and a port from 1 to 65535",
    );
  }
  if (base.search !== "" || base.hash !== "") {
    throw refuse("a URL with ? or # in it");
  }
  return base;
}

function credentialsOf(
  token: string | undefined,
  user: string | undefined,
  password: string | undefined,
): Credentials | undefined {
  const names = remoteCacheVariables;
  const basic = user !== undefined || password !== undefined;
  if (token !== undefined && basic) {
    throw new PipelineError({
      attempt,
      found: `both ${names.token} and ${names.user} or ${names.password}`,
      wanted: "one way to log in",
    });
  }
  if (token !== undefined && !/^[!-~]+$/.test(token)) {
    throw new PipelineError({
      attempt,
      where: names.token,
      found: "spaces or characters beyond ASCII in it",
      wanted: "a token",
    });
  }
  if (token !== undefined) return Credentials.bearer(token);
  if (!basic) return undefined;
  if (user === undefined || password === undefined) {
    throw new PipelineError({
      attempt,
      found: `one of ${names.user} and ${names.password}`,
      wanted: "both",
    });
  }
  return Credentials.basic(user, password);
}

/**
 * Refuses what a cache cannot be made of.
 *
 * @throws {PipelineError}
 */
export function requireCacheOptions(options: unknown, use: unknown): void {
  requireParts(options, {
    attempt,
    where: "options",
    wanted: "what remoteCacheOptions() gives",
  }, { base: (base) => base instanceof URL });
  requireParts(use, { attempt, where: "use", wanted: "{ log, signal }" }, {
    log: (log) => typeof log === "object" && log !== null,
    signal: (signal) => signal instanceof AbortSignal,
  });
}
