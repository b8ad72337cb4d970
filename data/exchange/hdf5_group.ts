import { Buffer } from "node:buffer";
import { ByteRow, groupHeader, noAddress } from "./hdf5_messages.ts";

/** Half of the entries that a node of symbols has room for; told to readers in the superblock. */
export const leafHalf = 4;
/** Half of the children that a node of a B-tree has room for; told to readers in the superblock. */
export const treeHalf = 16;

const symbolBytes = 40;

/** The end of a file. */
export interface FileEnd {
  /** where the next bytes go */
  readonly position: number;
  /** Appends bytes, a multiple of eight, and returns their address. */
  append(bytes: Uint8Array): number;
}

/** A node under a B-tree's node: where it is and the greatest name under it, as a place among the names. */
interface Child {
  address: number;
  lastName: number;
}

/**
 * Writes a group: its names, its members in nodes of symbols, the B-tree above them, its header.
 *
 * @param members address of the header of each, by name
 * @returns addresses of the header, the B-tree and the names
 */
export function writeGroup(
  members: ReadonlyMap<string, number>,
  end: FileEnd,
): { header: number; tree: number; heap: number } {
  const sorted = [...members].map(([name, address]) => ({
    name: Buffer.from(name),
    address,
  })).sort((a, b) => Buffer.compare(a.name, b.name));
  const { heap, places } = writeNames(sorted.map(({ name }) => name), end);
  const leaves: Child[] = [];
  const perLeaf = 2 * leafHalf;
  for (let start = 0; start < sorted.length; start += perLeaf) {
    const symbols = sorted.slice(start, start + perLeaf);
    const node = new ByteRow(8 + perLeaf * symbolBytes)
      .raw(Buffer.from("SNOD")).u8(1, 0).u16(symbols.length);
    symbols.forEach(({ address }, index) => {
      node.u64(places[start + index], address, 0, 0, 0);
    });
    leaves.push({
      address: end.append(node.bytes),
      lastName: places[start + symbols.length - 1],
    });
  }
  const tree = writeTree(leaves, end);
  return { header: end.append(groupHeader(tree, heap)), tree, heap };
}

/** Writes names, each ended by a zero and filled up to eight bytes, after an empty one. */
function writeNames(
  names: readonly Uint8Array[],
  end: FileEnd,
): { heap: number; places: number[] } {
  const places: number[] = [];
  let sizeBytes = 8;
  for (const { length } of names) {
    places.push(sizeBytes);
    sizeBytes += Math.ceil((length + 1) / 8) * 8;
  }
  const content = new Uint8Array(sizeBytes);
  names.forEach((name, index) => content.set(name, places[index]));
  const address = end.append(content);
  const noFreeSpace = 1;
  const heap = end.append(
    new ByteRow(32).raw(Buffer.from("HEAP")).u8(0, 0, 0, 0)
      .u64(sizeBytes, noFreeSpace, address).bytes,
  );
  return { heap, places };
}

/** Writes a B-tree level by level, from the nodes of symbols to the root, and returns the root's address. */
function writeTree(leaves: readonly Child[], end: FileEnd): number {
  const perNode = 2 * treeHalf;
  const nodeBytes = 24 + perNode * 16 + 8;
  let children = leaves;
  for (let level = 0;; level++) {
    const count = Math.max(1, Math.ceil(children.length / perNode));
    // The nodes of a level stand one after the other, so neighbours' addresses are known.
    const first = end.position;
    const address = (number: number) =>
      number < 0 || number >= count ? noAddress : first + number * nodeBytes;
    const nodes: Child[] = [];
    for (let number = 0; number < count; number++) {
      const start = number * perNode;
      const own = children.slice(start, start + perNode);
      const node = new ByteRow(nodeBytes).raw(Buffer.from("TREE"))
        .u8(0, level).u16(own.length)
        .u64(address(number - 1), address(number + 1))
        .u64(start === 0 ? 0 : children[start - 1].lastName);
      for (const child of own) node.u64(child.address, child.lastName);
      nodes.push({
        address: end.append(node.bytes),
        lastName: own.at(-1)?.lastName ?? 0,
      });
    }
    if (count === 1) return nodes[0].address;
    children = nodes;
  }
}
