import { basename, join } from "@std/path";

/** Serves the files of a folder over HTTP on loopback. */
export function serveFolder(
  folder: string,
): { origin: string } & AsyncDisposable {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const name = basename(new URL(request.url).pathname);
      try {
        const file = await Deno.open(join(folder, name));
        const { size } = await file.stat();
        return new Response(file.readable, {
          headers: { "content-length": String(size), etag: `"${size}"` },
        });
      } catch {
        return new Response("not here", { status: 404 });
      }
    },
  );
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
