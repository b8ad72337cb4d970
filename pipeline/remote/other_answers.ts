import { isMarkup } from "../../data/file_starts.ts";
import type { Log } from "../log.ts";
import type { RemoteAnswer } from "./cache_http.ts";

const page = "a page in HTML or XML, as of a login or an error";
const packed = "bytes packed by gzip, which was not asked for";

/** Answers of status 200 that no cache gives. What gives one gives it to every request, so that only the first is told. */
export class OtherAnswers {
  readonly #server: string;
  readonly #log: Log;
  #told = false;

  /** @param server as messages call it */
  constructor(server: string, log: Log) {
    this.#server = server;
    this.#log = log;
  }

  /** Whether something else came in place of a record, as its first bytes tell: none of these can begin one. */
  isForRecord(bytes: Uint8Array, key: string): boolean {
    const other = bytes[0] === 0x1f && bytes[1] === 0x8b
      ? packed
      : isMarkup(bytes)
      ? page
      : undefined;
    return this.#tell(other, `the record for ${key}`);
  }

  /** Whether the answer that brought other bytes than an object's says of itself that it is something else. */
  isForObject(
    { type = "", encoding = "" }: RemoteAnswer,
    digest: string,
  ): boolean {
    const other = /gzip/i.test(encoding)
      ? packed
      : /^(text\/html|application\/xhtml)/i.test(type)
      ? page
      : undefined;
    return this.#tell(other, digest);
  }

  #tell(other: string | undefined, what: string): boolean {
    if (other === undefined) return false;
    if (!this.#told) {
      this.#log.warn(
        `the shared cache ${this.#server} answers with ${other} in place of ${what}, taken for "not there"`,
      );
    }
    this.#told = true;
    return true;
  }
}
