import { DataError } from "../errors.ts";
import { type FileEnd, leafHalf, treeHalf, writeGroup } from "./hdf5_group.ts";
import {
  ByteRow,
  datasetHeader,
  type Hdf5Data,
  noAddress,
} from "./hdf5_messages.ts";
import { StreamedFile } from "./streamed_file.ts";

/** A dataset's extents, slowest first, and its values row by row. */
export interface Hdf5Dataset {
  shape: readonly number[];
  data: Hdf5Data;
}

/** Members of a group that is not written yet: addresses of what is, and groups that are not. */
type OpenGroup = Map<string, number | OpenGroup>;

const superblockBytes = 96;

/**
 * An HDF5 file that grows beside its place: values go to the disk as they come, and what is kept until the end is the name and address of
 * each group of datasets. Superblock of version 0, groups with tables of symbols, datasets in one piece: what readers know since 1998.
 */
export class Hdf5File implements Disposable {
  readonly #path: string;
  readonly #file: StreamedFile;
  readonly #end: FileEnd;
  readonly #root: OpenGroup = new Map();

  /** @throws {DataError} when the place cannot be written */
  constructor(path: string) {
    this.#path = path;
    const file = new StreamedFile(path, "write HDF5");
    this.#file = file;
    this.#end = {
      get position() {
        return file.size;
      },
      append(bytes) {
        const position = file.size;
        file.write(bytes);
        return position;
      },
    };
    file.write(new Uint8Array(superblockBytes));
  }

  /**
   * Writes a group of datasets.
   *
   * @param path names of the groups that lead to it, `/`-separated
   * @throws {DataError} when the path is one of a group or dataset already, or leads through a group of datasets
   */
  addGroup(
    path: string,
    datasets: Readonly<Record<string, Hdf5Dataset>>,
  ): void {
    const names = path.split("/");
    const last = names.pop()!;
    let parent = this.#root;
    for (const name of names) {
      const child = parent.get(name) ?? new Map();
      if (typeof child === "number") throw this.#refusal(path);
      parent.set(name, child);
      parent = child;
    }
    if (parent.has(last)) throw this.#refusal(path);
    const members = new Map<string, number>();
    for (const [name, { shape, data }] of Object.entries(datasets)) {
      const address = data.length === 0 ? noAddress : this.#appendData(data);
      const header = datasetHeader(shape, data, address);
      members.set(name, this.#end.append(header));
    }
    parent.set(last, writeGroup(members, this.#end).header);
  }

  /** Writes the groups that lead to the others, and gives the file its name. */
  finish(): void {
    const root = this.#writeOpen(this.#root);
    const cachedGroup = 1;
    const superblock = new ByteRow(superblockBytes)
      .u8(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a)
      .u8(0, 0, 0, 0, 0, 8, 8, 0).u16(leafHalf, treeHalf).u32(0)
      .u64(0, noAddress, this.#file.size, noAddress)
      .u64(0, root.header).u32(cachedGroup, 0).u64(root.tree, root.heap);
    this.#file.finish(superblock.bytes);
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }

  #writeOpen(group: OpenGroup): ReturnType<typeof writeGroup> {
    const members = new Map<string, number>();
    for (const [name, member] of group) {
      members.set(
        name,
        typeof member === "number" ? member : this.#writeOpen(member).header,
      );
    }
    return writeGroup(members, this.#end);
  }

  /** Values, filled up to eight bytes. */
  #appendData({ buffer, byteOffset, byteLength }: Hdf5Data): number {
    const address = this.#end.append(
      new Uint8Array(buffer, byteOffset, byteLength),
    );
    this.#end.append(new Uint8Array(-byteLength & 7));
    return address;
  }

  #refusal(path: string): DataError {
    return new DataError({
      attempt: "write HDF5",
      where: this.#path,
      found: `two members named ${path}, or one inside the other`,
      wanted: "names that differ",
      remedy: "rename one of the photographs",
    });
  }
}
