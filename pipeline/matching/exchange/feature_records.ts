import { crc32 } from "node:zlib";
import { join } from "@std/path";
import {
  type DescribedPhotograph,
  keypointFields,
  readSafetensors,
  type TensorData,
  writeSafetensors,
} from "../../../data/mod.ts";
import { isFile } from "../../files/file_tree.ts";

/** What a record is of: what it is kept under. */
export type RecordKey = string;

/** A photograph without what changes from folder to folder. */
export type PhotographRecord = Omit<DescribedPhotograph, "name">;

/**
 * Described photographs on the disk, each under the key of what made it: an interrupted run goes on where it was, and another format
 * or other pairs find the work done. Files are safetensors: `keypoints` f64 [count, 5], `descriptors` f32 [count, dimension].
 */
export class FeatureRecords {
  /** where they are */
  readonly directory: string;

  /** @param directory a folder that is there */
  constructor(directory: string) {
    this.directory = directory;
  }

  /** The record of that key; undefined when there is none or it was damaged. */
  async read(key: RecordKey): Promise<PhotographRecord | undefined> {
    const path = this.#path(key);
    if (!isFile(path)) return undefined;
    try {
      const { tensors, metadata } = await readSafetensors(path);
      const keypoints = tensors.get("keypoints")!.data as Float64Array;
      const { shape, data } = tensors.get("descriptors")!;
      const descriptors = data as Float32Array;
      if (metadata.checksum !== checksum(keypoints, descriptors)) {
        return undefined;
      }
      return {
        width: Number(metadata.width),
        height: Number(metadata.height),
        orientation: Number(metadata.orientation) as 1,
        count: shape[0],
        dimension: shape[1],
        keypoints,
        descriptors,
      };
    } catch {
      // Whatever is wrong with it, it is made anew.
      return undefined;
    }
  }

  /** Keeps a record. @throws {DataError} when the place cannot be written */
  async write(key: RecordKey, record: PhotographRecord): Promise<void> {
    const { keypoints, descriptors, count, dimension } = record;
    const tensors = new Map<string, TensorData>([
      ["keypoints", {
        dtype: "F64",
        shape: [count, keypointFields],
        data: Float64Array.from(keypoints),
      }],
      ["descriptors", {
        dtype: "F32",
        shape: [count, dimension],
        data: Float32Array.from(descriptors),
      }],
    ]);
    await writeSafetensors(this.#path(key), tensors, {
      width: String(record.width),
      height: String(record.height),
      orientation: String(record.orientation),
      checksum: checksum(keypoints, descriptors),
    });
  }

  #path(key: RecordKey): string {
    return join(this.directory, `${key}.safetensors`);
  }
}

function checksum(...arrays: ArrayBufferView[]): string {
  return String(
    arrays.reduce(
      (sum, { buffer, byteOffset, byteLength }) =>
        crc32(new Uint8Array(buffer, byteOffset, byteLength), sum),
      0,
    ),
  );
}
