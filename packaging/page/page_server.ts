import { extname, join } from "@std/path";
import { namesIn } from "../../pipeline/files/file_tree.ts";
import { usualPagePort } from "../../pipeline/report/page_port.ts";

const contentTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".jpg": "image/jpeg",
  ".json": "application/json",
  ".map": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".safetensors": "application/octet-stream",
  ".svg": "image/svg+xml",
};

const headers = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "cross-origin-opener-policy": "same-origin",
  "content-security-policy": "frame-ancestors 'none'",
};

/** A server of the files of one folder, on loopback only. */
export interface PageServer extends AsyncDisposable {
  /** `http://127.0.0.1:8128/` */
  address: string;
  /** settles when it ends */
  finished: Promise<void>;
}

/**
 * Serves the files that a folder holds now, and nothing else.
 *
 * @param port 0 for any that is free
 */
export function servePage(directory: string, port = usualPagePort): PageServer {
  const files = new Map(
    pathsBelow(directory, "").map((
      path,
    ) => [`/${path}`, join(directory, path)]),
  );
  files.set("/", join(directory, "index.html"));
  const server = listen(port, async (request) => {
    const path = files.get(new URL(request.url).pathname);
    if (path === undefined || request.method !== "GET") {
      return new Response("not here\n", { status: 404, headers });
    }
    const file = await Deno.open(path);
    const type = contentTypes[extname(path)] ?? "application/octet-stream";
    return new Response(file.readable, {
      headers: { ...headers, "content-type": type },
    });
  });
  return {
    address: `http://127.0.0.1:${server.addr.port}/`,
    finished: server.finished,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function listen(
  port: number,
  handler: Deno.ServeHandler,
): Deno.HttpServer<Deno.NetAddr> {
  const options = { hostname: "127.0.0.1", onListen() {} };
  try {
    return Deno.serve({ ...options, port }, handler);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return Deno.serve({ ...options, port: 0 }, handler);
  }
}

function pathsBelow(root: string, folder: string): string[] {
  return namesIn(join(root, folder)).flatMap((name) => {
    const path = join(folder, name);
    return Deno.statSync(join(root, path)).isDirectory
      ? pathsBelow(root, path)
      : [path];
  });
}
