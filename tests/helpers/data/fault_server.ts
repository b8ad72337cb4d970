/** What a server does with one request; `cut` and `stall` are shares of what it was going to send. */
export type Fault =
  | { kind: "none" }
  | { kind: "status"; status: number; retryAfter?: string }
  | { kind: "cut"; after: number }
  | { kind: "stall"; after: number }
  | { kind: "silent" }
  | { kind: "too short" }
  | { kind: "too long" }
  | { kind: "ignores range" }
  | { kind: "wrong range" }
  | { kind: "other file"; bytes: Uint8Array }
  | { kind: "unknown length"; after: number }
  | { kind: "redirect"; to: string };

/** What a server has, and what it does with request after request; the last fault is for all that follow. */
export interface ServedFile {
  bytes: Uint8Array;
  faults: Fault[];
  /** what it tells of the file's identity, default: a strong ETag made of its bytes */
  validator?: "etag" | "weak etag" | "date" | "none";
}

/** A request as it arrived. */
export interface SeenRequest {
  path: string;
  range: string | undefined;
  ifRange: string | undefined;
}

/**
 * An HTTP server on loopback that speaks in raw bytes, so that it can break off, fall silent and contradict itself as real servers do.
 */
export class FaultServer implements AsyncDisposable {
  readonly files = new Map<string, ServedFile>();
  readonly seen: SeenRequest[] = [];
  readonly #listener: Deno.TcpListener;
  readonly #connections = new Set<Deno.Conn>();
  readonly #work: Promise<void>[] = [];

  constructor() {
    this.#listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    this.#work.push(this.#accept());
  }

  /** `http://127.0.0.1:port` */
  get origin(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) this.#close(connection);
    await Promise.all(this.#work);
  }

  async #accept(): Promise<void> {
    for (;;) {
      let connection: Deno.Conn;
      try {
        connection = await this.#listener.accept();
      } catch {
        return; // it was closed
      }
      this.#connections.add(connection);
      this.#work.push(this.#serve(connection));
    }
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    try {
      const request = await readRequest(connection);
      if (request === undefined) return;
      this.seen.push(request);
      const file = this.files.get(request.path);
      if (file === undefined) {
        await write(
          connection,
          "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
        );
        return;
      }
      const fault = file.faults.length > 1
        ? file.faults.shift()!
        : file.faults[0] ?? { kind: "none" };
      if (await this.#answer(connection, request, file, fault)) return;
      // Silent until the client gives up.
      const idle = new Uint8Array(1);
      while (await connection.read(idle) !== null);
    } catch {
      // The client went away.
    } finally {
      this.#close(connection);
    }
  }

  /** @returns false when the connection is to stay open */
  async #answer(
    connection: Deno.Conn,
    request: SeenRequest,
    file: ServedFile,
    fault: Fault,
  ): Promise<boolean> {
    if (fault.kind === "silent") return false;
    if (fault.kind === "status") {
      const retry = fault.retryAfter
        ? `retry-after: ${fault.retryAfter}\r\n`
        : "";
      await write(
        connection,
        `HTTP/1.1 ${fault.status} No\r\n${retry}content-length: 5\r\n\r\nsorry`,
      );
      return true;
    }
    if (fault.kind === "redirect") {
      await write(
        connection,
        `HTTP/1.1 302 Found\r\nlocation: ${fault.to}\r\ncontent-length: 0\r\n\r\n`,
      );
      return true;
    }
    const bytes = fault.kind === "other file" ? fault.bytes : file.bytes;
    const { header, tag } = identityOf(bytes, file.validator ?? "etag");
    let start = Number(/^bytes=(\d+)-$/.exec(request.range ?? "")?.[1] ?? 0);
    const isCurrent = request.ifRange === undefined || request.ifRange === tag;
    if (fault.kind === "ignores range" || !isCurrent) start = 0;
    if (start >= bytes.length) {
      await write(
        connection,
        "HTTP/1.1 416 Range Not Satisfiable\r\ncontent-length: 0\r\n\r\n",
      );
      return true;
    }
    if (fault.kind === "wrong range" && start > 0) start--;
    let body = bytes.subarray(start);
    let length = body.length;
    if (fault.kind === "too long") length += 1000;
    if (fault.kind === "too short") {
      body = body.subarray(0, body.length >> 1);
      length = body.length;
    }
    const head = start > 0
      ? `HTTP/1.1 206 Partial Content\r\ncontent-range: bytes ${start}-${
        bytes.length - 1
      }/${bytes.length}\r\n`
      : "HTTP/1.1 200 OK\r\n";
    const framing = fault.kind === "unknown length"
      ? "transfer-encoding: chunked\r\n"
      : `content-length: ${length}\r\n`;
    await write(
      connection,
      `${head}${header}${framing}connection: close\r\n\r\n`,
    );
    const share = "after" in fault ? fault.after : 1;
    const sent = body.subarray(0, Math.floor(share * body.length));
    if (fault.kind === "unknown length") {
      await write(connection, `${sent.length.toString(16)}\r\n`);
      await writeAll(connection, sent);
      await write(connection, share === 1 ? "\r\n0\r\n\r\n" : "\r\n");
      return true;
    }
    await writeAll(connection, sent);
    return fault.kind !== "stall";
  }

  #close(connection: Deno.Conn): void {
    if (!this.#connections.delete(connection)) return;
    try {
      connection.close();
    } catch {
      // The other side was first.
    }
  }
}

function identityOf(
  bytes: Uint8Array,
  validator: NonNullable<ServedFile["validator"]>,
): { header: string; tag: string } {
  let sum = bytes.length;
  for (let at = 0; at < bytes.length; at += 97) {
    sum = (Math.imul(sum, 31) + bytes[at]) >>> 0;
  }
  if (validator === "none") return { header: "", tag: "" };
  if (validator === "date") {
    const date = new Date((sum % 1e9) * 1000).toUTCString();
    return { header: `last-modified: ${date}\r\n`, tag: date };
  }
  const tag = `${validator === "etag" ? "" : "W/"}"${sum.toString(16)}"`;
  return { header: `etag: ${tag}\r\n`, tag };
}

async function readRequest(
  connection: Deno.Conn,
): Promise<SeenRequest | undefined> {
  let text = "";
  const buffer = new Uint8Array(4096);
  while (!text.includes("\r\n\r\n")) {
    const count = await connection.read(buffer);
    if (count === null) return undefined;
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  const header = (name: string) =>
    new RegExp(`^${name}: (.*)\r$`, "im").exec(text)?.[1];
  return {
    path: text.split(" ")[1],
    range: header("range"),
    ifRange: header("if-range"),
  };
}

async function write(connection: Deno.Conn, text: string): Promise<void> {
  await writeAll(connection, new TextEncoder().encode(text));
}

async function writeAll(
  connection: Deno.Conn,
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await connection.write(bytes.subarray(at, at + 65_536));
  }
}
