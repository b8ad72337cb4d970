/** A server of a shared cache that does its worst: what it holds is right, what it answers is not. */
import http from "node:http";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { ProtobufWriter } from "../../../../data/protobuf/protobuf_writer.ts";
import { protobufFields } from "../../../../data/protobuf/protobuf_reader.ts";
import {
  sealJson,
  unsealJson,
} from "../../../../pipeline/files/sealed_json.ts";
import { sha256 } from "../../../../pipeline/files/hash.ts";

/** Bytes of the server's own, which a forged record may name. */
const ownBytes = new TextEncoder().encode("bytes of the server\n");
const ownFile = { digest: sha256(ownBytes), sizeBytes: ownBytes.length };

/** What is asked for: a record (`ac`) or an object (`cas`), and what would be right; undefined when it has none. */
interface Asked {
  kind: string;
  right: Uint8Array | undefined;
  request: http.IncomingMessage;
  response: http.ServerResponse;
  /** a server that notes what reaches it */
  elsewhere: string;
}

type Misdeed = (asked: Asked) => void;

/** A record as JSON, for forgers. */
// deno-lint-ignore no-explicit-any -- they change whatever they like
type Forged = any;

const send = (
  { response }: Asked,
  bytes: Uint8Array,
  headers: Record<string, string> = {},
) => {
  const length = { "content-length": String(bytes.length) };
  response.writeHead(200, { ...length, ...headers });
  response.end(bytes);
};

const status =
  (code: number, headers: Record<string, string> = {}): Misdeed =>
  ({ response }) => {
    response.writeHead(code, headers);
    response.end("no");
  };

/** Does something with what is right, to records or objects alone; what it does not have it says. */
const to = (
  kind: "ac" | "cas",
  misdeed: (asked: Asked, right: Uint8Array) => void,
): Misdeed =>
(asked) => {
  if (asked.right === undefined) return status(404)(asked);
  if (asked.kind === kind) misdeed(asked, asked.right);
  else send(asked, asked.right);
};

const rawly = (head: string, again?: string): Misdeed => ({ request }) => {
  const { socket } = request;
  socket.on("error", () => {});
  socket.write(head);
  if (again === undefined) return void socket.end();
  const timer = setInterval(() => socket.write(again), 5);
  socket.on("close", () => clearInterval(timer));
};

/** Sends a beginning under a length that is not its own, and breaks off. */
const breaksOff = (
  { request, response }: Asked,
  beginning: Uint8Array,
  lengthBytes: number,
) => {
  response.writeHead(200, { "content-length": String(lengthBytes) });
  response.write(beginning);
  setTimeout(() => request.socket.destroy(), 20);
};

const dribble = ({ response }: Asked, right: Uint8Array) => {
  response.writeHead(200, { "content-length": String(right.length + 1e6) });
  const timer = setInterval(() => response.write("x"), 20);
  response.on("close", () => clearInterval(timer));
};

const withoutEnd = (headers: Record<string, string>) =>
(
  { response }: Asked,
) => {
  response.writeHead(200, headers);
  const block = new Uint8Array(1 << 16);
  const pump = () => {
    while (!response.destroyed && response.write(block));
  };
  response.on("drain", pump);
  pump();
};

/** Changes what a record says and seals it again. */
const forge = (change: (record: Forged) => Forged): Misdeed =>
  to("ac", (asked, right) => {
    const text = [...protobufFields(right, "a record")]
      .find(({ field }) => field === 5)!.bytes!;
    const record = structuredClone(unsealJson(new TextDecoder().decode(text))!);
    const forged = change(record);
    const sealed = typeof forged === "string" ? forged : sealJson(forged);
    send(asked, new ProtobufWriter().text(5, sealed).finish());
  });

const adding = (path: string, more: object = {}): Misdeed =>
  forge((record) => {
    record.outputs.push({ path, ...ownFile, ...more });
    return record;
  });

const provenance = (change: object): Misdeed =>
  forge((record) => {
    Object.assign(record.provenance, change);
    return record;
  });

const flipped = (bytes: Uint8Array) => {
  const copy = Uint8Array.from(bytes);
  copy[copy.length >> 1] ^= 4;
  return copy;
};

/** What a server does that leaves nothing usable, by name. */
export const misdeeds: Record<string, Misdeed> = {
  ...Object.fromEntries(
    [200, 201, 204, 206, 400, 401, 403, 404, 405, 410, 412, 416, 429, 500, 503]
      .map((code) => [`status ${code}`, status(code)]),
  ),
  "a redirect elsewhere": (asked) =>
    status(302, { location: `${asked.elsewhere}/stolen` })(asked),
  "a redirect to a file": status(302, { location: "file:///etc/passwd" }),
  "a closed connection": ({ request }) => void request.socket.destroy(),
  "no HTTP": rawly("SSH-2.0-OpenSSH_9.0\r\n" + "A".repeat(5000)),
  "a header of 3 MB": rawly(
    `HTTP/1.1 200 OK\r\nX-A: ${"a".repeat(3e6)}\r\n\r\n`,
  ),
  "headers without end": rawly(
    "HTTP/1.1 200 OK\r\n",
    `X-A: ${"b".repeat(200)}\r\n`.repeat(500),
  ),
  "interim answers without end": rawly(
    "HTTP/1.1 102 Processing\r\n\r\n",
    "HTTP/1.1 102 Processing\r\n\r\n".repeat(100),
  ),
  "no answer": () => {},
  ...Object.fromEntries((["ac", "cas"] as const).flatMap((kind) => {
    const what = kind === "ac" ? "a record" : "an object";
    const misdeed = (
      name: string,
      act: (asked: Asked, right: Uint8Array) => void,
    ): [string, Misdeed] => [`${what} ${name}`, to(kind, act)];
    return [
      misdeed(
        "with a flipped bit",
        (asked, right) => send(asked, flipped(right)),
      ),
      misdeed(
        "without its last byte",
        (asked, right) => send(asked, right.subarray(0, -1)),
      ),
      misdeed(
        "with a byte more",
        (asked, right) => send(asked, Uint8Array.of(...right, 7)),
      ),
      misdeed(
        "of a length that is a lie",
        (asked, right) => breaksOff(asked, right, right.length + 1000),
      ),
      misdeed(
        "that breaks off",
        (asked, right) =>
          breaksOff(asked, right.subarray(0, right.length >> 1), right.length),
      ),
      misdeed(
        "packed by gzip",
        (asked, right) =>
          send(asked, gzipSync(Buffer.from(right)), {
            "content-encoding": "gzip",
          }),
      ),
      misdeed("that stops coming", (asked, right) => {
        asked.response.writeHead(200, {
          "content-length": String(right.length),
        });
        asked.response.write(right.subarray(0, 1));
      }),
      misdeed("that drips", dribble),
      misdeed("without end", withoutEnd({})),
      misdeed(
        "of a petabyte",
        withoutEnd({ "content-length": "999999999999999" }),
      ),
    ];
  })),
  "a record of 65 MiB": to("ac", (asked) => {
    send(asked, new Uint8Array(65 << 20).fill(65));
  }),
  "a record of seven million fields": to("ac", (asked) => {
    send(asked, new Uint8Array(63 << 20).fill(65));
  }),
  "a record that is nested a million deep": forge((record) => {
    const deep = "[".repeat(1e6) + "]".repeat(1e6);
    return sealJson({ ...record, deep: "here" }).replace('"here"', deep);
  }),
  "a sealed record that is nested a million deep": forge((record) => {
    const deep = "[".repeat(1e6) + "]".repeat(1e6);
    record.provenance.more = "here";
    const text = JSON.stringify(record).replace('"here"', deep);
    return `${text.slice(0, -1)},"checksum":"${sha256(text)}"}\n`;
  }),
  "an output above its folder": adding("../../../../foreign"),
  "an output at an absolute place": adding("/tmp/foreign"),
  "an output with a backslash": adding("..\\..\\x"),
  "an output with a zero": adding("a\0b"),
  "an output with control characters": adding("x\x1b]0;x\x07\n"),
  "an output with half a character": adding("x\ud800y"),
  "an output that turns its direction": adding("x\u202ey"),
  "an output with a long name": adding("n".repeat(300)),
  "an output of nearly 2^53 bytes": adding("more.txt", {
    sizeBytes: 2 ** 53 - 1,
  }),
  "an output of 2^39 bytes": adding("more.txt", { sizeBytes: 2 ** 39 }),
  "an output of minus one byte": adding("more.txt", { sizeBytes: -1 }),
  "an output whose digest is a path": adding("more.txt", {
    digest: "../../x",
  }),
  "an output below another": forge((record) => {
    const path = `${record.outputs[0].path}/below`;
    record.outputs.push({ path, ...ownFile });
    return record;
  }),
  "an output twice": forge((record) => {
    record.outputs.push({ ...record.outputs[0], ...ownFile });
    return record;
  }),
  "200,000 outputs": forge((record) => {
    for (let index = 0; index < 200_000; index++) {
      record.outputs.push({ path: `m/${index}`, ...ownFile });
    }
    return record;
  }),
  "outputs that are no list": forge((record) => ({ ...record, outputs: {} })),
  "no outputs at all": forge(({ outputs: _, ...record }) => record),
  "no provenance": forge(({ provenance: _, ...record }) => record),
  "a provenance of null": forge((record) => ({ ...record, provenance: null })),
  "markup for a duration": provenance({ wallTimeSeconds: "<img src=x>" }),
  "reasons that are a number": provenance({ reasons: 5 }),
  "a host of a megabyte": provenance({ host: "h".repeat(1 << 20) }),
  "other facts": forge((record) => {
    record.facts.parameters.more = 1;
    return record;
  }),
  "another key": forge((record) => ({ ...record, key: "0".repeat(64) })),
  "a prototype": forge((record) =>
    sealJson(record).replace(/^\{/, '{"__proto__":{"outputs":[]},')
  ),
};

/** Misdeeds of a server that is written to. */
export const writeMisdeeds: Record<string, Misdeed> = {
  "status 500 to what it is given": status(500),
  "a redirect of what it is given": (asked) =>
    status(307, { location: `${asked.elsewhere}/stolen` })(asked),
  "a closed connection to what it is given": ({ request }) =>
    void request.socket.destroy(),
  "no answer to what it is given": () => {},
};

/** The server, on loopback, and another that nobody may reach. */
export class HostileCache implements AsyncDisposable {
  /** what it holds, by `ac/…` and `cas/…` */
  readonly #held = new Map<string, Uint8Array>();
  readonly #servers: http.Server[] = [];
  /** what reached the server that nobody was told to reach */
  readonly stolen: string[] = [];
  #port = 0;
  #elsewhere = "";

  static async start(): Promise<HostileCache> {
    const cache = new HostileCache();
    const elsewhere = await cache.#listen((request, response) => {
      cache.stolen.push(`${request.method} ${request.url}`);
      response.end("stolen");
    });
    cache.#elsewhere = `http://127.0.0.1:${elsewhere}`;
    cache.#port = await cache.#listen((request, response) =>
      // A client that gives up in the middle is what is tried here.
      void cache.#answer(request, response).catch(() => {})
    );
    return cache;
  }

  /** Where it behaves like this; "" is well. */
  url(behaviour: string): URL {
    return new URL(
      `http://127.0.0.1:${this.#port}/${encodeURIComponent(behaviour)}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  async #listen(
    answer: (
      request: http.IncomingMessage,
      response: http.ServerResponse,
    ) => void,
  ): Promise<number> {
    const server = http.createServer(answer);
    this.#servers.push(server);
    server.on("clientError", (_, socket) => socket.destroy());
    await new Promise<void>((resolve) =>
      server.listen(0, "127.0.0.1", resolve)
    );
    return (server.address() as { port: number }).port;
  }

  async #answer(
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): Promise<void> {
    request.on("error", () => {});
    response.on("error", () => {});
    const [, behaviour, kind, name] = request.url!.split("/");
    const path = `${kind}/${name}`;
    const right = name === ownFile.digest ? ownBytes : this.#held.get(path);
    const asked = {
      kind,
      right,
      request,
      response,
      elsewhere: this.#elsewhere,
    };
    const known = decodeURIComponent(behaviour);
    if (request.method === "PUT") {
      const misdeed = writeMisdeeds[known];
      if (misdeed !== undefined) return misdeed(asked);
      const chunks: Uint8Array[] = [];
      for await (const chunk of request) chunks.push(chunk);
      if (known === "well") this.#held.set(path, Buffer.concat(chunks));
      return void response.end();
    }
    const misdeed = misdeeds[known];
    if (misdeed !== undefined) return misdeed(asked);
    if (right === undefined || known !== "well") return status(404)(asked);
    send(asked, right);
  }
}
