import { join } from "node:path";

/** One request, as the server's log tells it. */
export interface LoggedRequest {
  method: string;
  /** `/cas/…` */
  path: string;
  status: number;
}

/** How {@linkcode NginxServer.start} sets the server up. */
export interface NginxOptions {
  /** lines for the `location` that serves the cache */
  location?: string;
}

/** A real nginx with WebDAV on a free loopback port, with everything it writes in a folder of its own. */
export class NginxServer implements AsyncDisposable {
  readonly url: string;
  readonly #folder: string;
  readonly #process: Deno.ChildProcess;

  private constructor(
    folder: string,
    port: number,
    process: Deno.ChildProcess,
  ) {
    this.#folder = folder;
    this.#process = process;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Starts one; {@linkcode findNginx} tells the program. */
  static async start(
    program: string,
    { location = "" }: NginxOptions = {},
  ): Promise<NginxServer> {
    const folder = Deno.makeTempDirSync({ prefix: "nginx-" });
    Deno.mkdirSync(join(folder, "cache"));
    const port = freePort();
    const config = join(folder, "nginx.conf");
    Deno.writeTextFileSync(config, configText(folder, port, location));
    const process = new Deno.Command(program, {
      args: ["-p", folder, "-c", config, "-e", join(folder, "error.log")],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const server = new NginxServer(folder, port, process);
    try {
      await answers(port);
    } catch {
      const log = Deno.readTextFileSync(join(folder, "error.log"));
      await server[Symbol.asyncDispose]();
      throw new Error(`nginx does not start: ${log}`);
    }
    return server;
  }

  /** The folder that holds what was PUT: `ac/…`, `cas/…`. */
  get files(): string {
    return join(this.#folder, "cache");
  }

  /** Every request so far. The server writes its log when a request is over, which the client may see a moment earlier. */
  async requests(): Promise<LoggedRequest[]> {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return Deno.readTextFileSync(join(this.#folder, "access.log"))
      .split("\n").filter((line) => line !== "").map((line) => {
        const [method, path, status] = line.split(" ");
        return { method, path, status: Number(status) };
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGTERM");
    } catch {
      // it has ended by itself
    }
    await this.#process.status;
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

/** What the documentation gives as a team's server, on loopback and in the foreground. */
function configText(folder: string, port: number, location: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ");
  return `
${Deno.uid() === 0 ? "user root;" : ""}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 64; }
http {
  ${temporary}
  log_format requests '$request_method $uri $status';
  access_log ${folder}/access.log requests;
  server {
    listen 127.0.0.1:${port};
    root ${folder}/cache;
    location / {
      dav_methods PUT;
      create_full_put_path on;
      client_max_body_size 0;
      ${location}
    }
  }
}
`;
}

/** A port that nobody listens on at this moment. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function answers(port: number): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      using _connection = await Deno.connect({ hostname: "127.0.0.1", port });
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/**
 * The program; installed from Debian's or Ubuntu's packages when it is missing and this process may.
 *
 * @returns undefined when it cannot be had, for the test to say so
 */
export async function findNginx(): Promise<string | undefined> {
  const found = () =>
    ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx"].find(exists);
  if (found() === undefined && Deno.uid() === 0 && exists("/usr/bin/apt-get")) {
    for (
      const args of [["update", "-qq"], [
        "install",
        "-y",
        "-qq",
        "--no-install-recommends",
        "nginx",
      ]]
    ) {
      // Run level 1 keeps the package from starting a server of its own.
      // A mirror that does not answer must not hold up the suite.
      await new Deno.Command("timeout", {
        args: ["120", "apt-get", ...args],
        env: { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).output();
    }
  }
  return found();
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
