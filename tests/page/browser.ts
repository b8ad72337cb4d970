import { type Browser, chromium } from "playwright-core";

// Loading playwright-core asks whether this is Windows' Linux by files that Deno lets nobody read; __IS_WSL_TEST__, which the tasks
// set, puts that off until it matters.

/** Where Debian, Ubuntu and Google put the program. */
const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** Nothing of the browser's own goes over the network, and WebGPU runs on the driver that it brings along. */
const flags = [
  "--headless=new",
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-extensions",
  "--hide-scrollbars",
  "--remote-debugging-port=0",
];

const webGpuFlags = [
  "--enable-unsafe-webgpu",
  "--enable-features=Vulkan",
  "--use-webgpu-adapter=swiftshader",
];

/** A loaded machine takes its time. */
const startLimitMs = 60_000;

/** The path of a Chromium on this machine; nothing when there is none. */
export function findChromium(): string | undefined {
  return places.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/** A browser that is connected to, and how to end it. */
export interface StartedBrowser extends AsyncDisposable {
  browser: Browser;
}

/**
 * Starts Chromium without a window, with an empty profile.
 *
 * @param options.webGpu whether it has WebGPU; by default it has
 */
export async function startChromium(
  program: string,
  { webGpu = true }: { webGpu?: boolean } = {},
): Promise<StartedBrowser> {
  const profile = await Deno.makeTempDir();
  const child = new Deno.Command(program, {
    args: [
      ...flags,
      ...(webGpu ? webGpuFlags : ["--disable-features=WebGPU"]),
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const end = async () => {
    child.kill("SIGTERM");
    await child.status;
    await Deno.remove(profile, { recursive: true }).catch(() => {}); // a last process may still write
  };
  try {
    const address = await addressOf(child.stderr);
    const browser = await chromium.connectOverCDP(address, {
      timeout: startLimitMs,
    });
    return {
      browser,
      [Symbol.asyncDispose]: async () => {
        await browser.close();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Reads what Chromium says until it names the address that it listens on; the rest is read and dropped. */
async function addressOf(
  stderr: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<string> {
  let said = "";
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const timer = setTimeout(
    () => reject(new Error(`Chromium did not start: ${said.slice(-2000)}`)),
    startLimitMs,
  );
  const read = async () => {
    for await (const text of stderr.pipeThrough(new TextDecoderStream())) {
      said += text;
      const found = /DevTools listening on (ws:\S+)/.exec(said);
      if (found !== null) resolve(found[1]);
    }
    reject(new Error(`Chromium ended: ${said.slice(-2000)}`));
  };
  read().catch(reject);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
