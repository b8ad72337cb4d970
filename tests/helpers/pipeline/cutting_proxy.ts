/** Hands a server's bytes on, and cuts a connection off once it has brought so many. */
export class CuttingProxy implements AsyncDisposable {
  readonly url: string;
  readonly #listener: Deno.TcpListener;
  readonly #done: Promise<void>;
  readonly #open = new Set<Deno.TcpConn>();

  constructor(server: URL, mostBytes: number) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.url = `http://127.0.0.1:${this.#listener.addr.port}`;
    this.#done = this.#serve(server, mostBytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open) close(connection);
    await this.#done;
  }

  async #serve(server: URL, mostBytes: number): Promise<void> {
    const pairs: Promise<unknown>[] = [];
    for await (const client of this.#listener) {
      const upstream = await Deno.connect({
        hostname: server.hostname,
        port: Number(server.port),
      });
      this.#open.add(client).add(upstream);
      const end = () => {
        for (const connection of [client, upstream]) {
          this.#open.delete(connection);
          close(connection);
        }
      };
      pairs.push(
        copy(client, upstream, Infinity).finally(end),
        copy(upstream, client, mostBytes)
          .finally(end),
      );
    }
    await Promise.allSettled(pairs);
  }
}

/** Copies until the end, an error, or so many bytes. */
async function copy(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  mostBytes: number,
): Promise<void> {
  const chunk = new Uint8Array(1 << 16);
  let sizeBytes = 0;
  try {
    for (;;) {
      const count = await from.read(chunk);
      if (count === null) return;
      sizeBytes += count;
      if (sizeBytes > mostBytes) return;
      let rest = chunk.subarray(0, count);
      while (rest.length > 0) rest = rest.subarray(await to.write(rest));
    }
  } catch {
    // the other direction ended, and closed both
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // closed already
  }
}
