import { crc32, deflateRawSync } from "node:zlib";

/** Writes a zip file by file, so that an archive of any size below 4 GiB takes the memory of one file. */
export class ZipFile implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #stored: boolean;
  readonly #directory: Uint8Array[] = [];
  #offset = 0;

  /** @param stored whether files are put in as they are */
  constructor(path: string, stored: boolean) {
    this.#file = Deno.openSync(path, {
      write: true,
      create: true,
      truncate: true,
    });
    this.#stored = stored;
  }

  /** Puts a file in. */
  add(name: string, bytes: Uint8Array): void {
    const content = this.#stored ? bytes : deflateRawSync(bytes, { level: 1 });
    const nameBytes = new TextEncoder().encode(name);
    // version, flags, method, time and date, checksum, sizes, length of name and extra field
    const common = new Uint8Array(26);
    const view = new DataView(common.buffer);
    view.setUint16(0, 20, true);
    view.setUint16(4, this.#stored ? 0 : 8, true);
    view.setUint32(10, crc32(bytes), true);
    view.setUint32(14, content.length, true);
    view.setUint32(18, bytes.length, true);
    view.setUint16(22, nameBytes.length, true);
    const entry = new Uint8Array(46 + nameBytes.length);
    entry.set([0x50, 0x4b, 1, 2, 20, 0]);
    entry.set(common, 6);
    new DataView(entry.buffer).setUint32(42, this.#offset, true);
    entry.set(nameBytes, 46);
    this.#directory.push(entry);
    for (const part of [[0x50, 0x4b, 3, 4], common, nameBytes, content]) {
      this.#put(part instanceof Uint8Array ? part : Uint8Array.from(part));
    }
  }

  /** Writes the directory. */
  finish(): void {
    const start = this.#offset;
    for (const entry of this.#directory) this.#put(entry);
    const end = new Uint8Array(22);
    end.set([0x50, 0x4b, 5, 6]);
    const view = new DataView(end.buffer);
    view.setUint16(8, this.#directory.length, true);
    view.setUint16(10, this.#directory.length, true);
    view.setUint32(12, this.#offset - start, true);
    view.setUint32(16, start, true);
    this.#put(end);
  }

  #put(bytes: Uint8Array): void {
    this.#offset += bytes.length;
    for (let done = 0; done < bytes.length;) {
      done += this.#file.writeSync(bytes.subarray(done));
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
