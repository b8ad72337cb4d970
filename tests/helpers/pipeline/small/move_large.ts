/**
 * Sends a file to a shared cache and fetches it again, in a process of its own, and prints how many bytes of memory more
 * than at its start it had at its peak: `move_large.ts <URL to send to> <URL to fetch from> <file> <copy>`.
 */
import { sha256File } from "../../../../pipeline/files/hash.ts";
import { silentLog } from "../../../../pipeline/log.ts";
import { RemoteCache } from "../../../../pipeline/remote/cache.ts";

const [sendTo, fetchFrom, file, copy] = Deno.args;
const object = await sha256File(file);
const cacheAt = (url: string) =>
  new RemoteCache({
    base: new URL(url),
    writable: true,
    strict: true,
    credentials: undefined,
  }, { log: silentLog, signal: new AbortController().signal });

const memory = () => Deno.memoryUsage().rss;
const start = memory();
let peak = start;
const timer = setInterval(() => peak = Math.max(peak, memory()), 10);
{
  using cache = cacheAt(sendTo);
  if (!(await cache.putObject(object, file))) throw new Error("not sent");
}
{
  using cache = cacheAt(fetchFrom);
  if (!(await cache.fetchObject(object, copy))) throw new Error("not fetched");
}
clearInterval(timer);
console.log(Math.max(peak, memory()) - start);
