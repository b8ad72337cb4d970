/**
 * Finds members of an HDF5 file the way the library does, from the format's specification (sections II.A to IV.A): down the B-tree by
 * comparing names, then through one node of symbols. It knows what our files have and fails on everything else.
 *
 * @module
 */
import { Buffer } from "node:buffer";

const decoder = new TextDecoder();

class Reader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  u8 = (at: number) => this.#view.getUint8(at);
  u16 = (at: number) => this.#view.getUint16(at, true);
  u32 = (at: number) => this.#view.getUint32(at, true);
  u64 = (at: number) => Number(this.#view.getBigUint64(at, true));

  expect(at: number, text: string) {
    const found = decoder.decode(this.bytes.subarray(at, at + text.length));
    if (found !== text) throw new Error(`${found} at ${at}, not ${text}`);
  }

  /** The name at a place of a heap. */
  name(heap: number, place: number): Uint8Array {
    this.expect(heap, "HEAP");
    const start = this.u64(heap + 24) + place;
    return this.bytes.subarray(start, this.bytes.indexOf(0, start));
  }
}

interface Group {
  tree: number;
  heap: number;
}

function rootGroup(reader: Reader): Group {
  if (reader.u64(40) !== reader.bytes.length) throw new Error("cut short");
  return groupAt(reader, reader.u64(64));
}

/** Messages of an object header by kind, as places of their contents. */
function messages(reader: Reader, header: number): Map<number, number> {
  if (reader.u8(header) !== 1) throw new Error(`no object at ${header}`);
  const found = new Map<number, number>();
  let at = header + 16;
  for (let count = reader.u16(header + 2); count > 0; count--) {
    found.set(reader.u16(at), at + 8);
    at += 8 + reader.u16(at + 2);
  }
  if (at !== header + 16 + reader.u32(header + 8)) throw new Error("size");
  return found;
}

function groupAt(reader: Reader, header: number): Group {
  const at = messages(reader, header).get(17);
  if (at === undefined) throw new Error(`no group at ${header}`);
  return { tree: reader.u64(at), heap: reader.u64(at + 8) };
}

/** Address of a member's header, as the library searches it. */
function find(reader: Reader, { tree, heap }: Group, name: string): number {
  const wanted = Buffer.from(name);
  const compare = (place: number) =>
    Buffer.compare(wanted, reader.name(heap, place));
  let node = tree;
  for (let level = reader.u8(tree + 5); level >= 0; level--) {
    reader.expect(node, "TREE");
    if (reader.u8(node + 5) !== level) throw new Error("a wrong level");
    let low = 0, high = reader.u16(node + 6) - 1;
    let child = -1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const keys = node + 24 + 16 * middle;
      // A child has the names above its left key up to its right key.
      if (compare(reader.u64(keys)) <= 0) high = middle - 1;
      else if (compare(reader.u64(keys + 16)) > 0) low = middle + 1;
      else {
        child = middle;
        break;
      }
    }
    if (child < 0) throw new Error(`no ${name}`);
    node = reader.u64(node + 32 + 16 * child);
  }
  reader.expect(node, "SNOD");
  for (let i = 0; i < reader.u16(node + 6); i++) {
    const symbol = node + 8 + 40 * i;
    if (compare(reader.u64(symbol)) === 0) return reader.u64(symbol + 8);
  }
  throw new Error(`no ${name}`);
}

/** Names in the file's root, in their order: down to the first node of each level, then from neighbour to neighbour. */
export function hdf5Members(bytes: Uint8Array): string[] {
  const reader = new Reader(bytes);
  const { tree, heap } = rootGroup(reader);
  let node = tree;
  while (reader.u8(node + 5) > 0) node = reader.u64(node + 32);
  const names: string[] = [];
  let before = 2 ** 64;
  while (node < 2 ** 53) {
    if (reader.u64(node + 8) !== before) throw new Error("a wrong neighbour");
    for (let i = 0; i < reader.u16(node + 6); i++) {
      const leaf = reader.u64(node + 32 + 16 * i);
      for (let j = 0; j < reader.u16(leaf + 6); j++) {
        const place = reader.u64(leaf + 8 + 40 * j);
        names.push(decoder.decode(reader.name(heap, place)));
      }
    }
    before = node;
    node = reader.u64(node + 16);
  }
  return names;
}

/** Values of a dataset. @param path names of the groups that lead to it, and its own */
export function hdf5Values(
  bytes: Uint8Array,
  path: readonly string[],
): number[] {
  const reader = new Reader(bytes);
  let header = 0;
  for (const [depth, name] of path.entries()) {
    const group = depth === 0 ? rootGroup(reader) : groupAt(reader, header);
    header = find(reader, group, name);
  }
  const found = messages(reader, header);
  const type = found.get(3)!;
  const layout = found.get(8)!;
  const size = reader.u64(layout + 10);
  if (size === 0) return [];
  const start = reader.u64(layout + 2);
  const content = bytes.slice(start, start + size).buffer;
  if ((reader.u8(type) & 15) === 1) return [...new Float32Array(content)];
  return reader.u32(type + 4) === 2
    ? [...new Int16Array(content)]
    : [...new Int32Array(content)];
}
