import {
  type DescribedPhotograph,
  keypointFields,
  type ListedImage,
  readGreyImage,
} from "../../../data/mod.ts";
import { readBytes } from "../../../data/read_bytes.ts";
import type { Keypoint } from "../../../features/mod.ts";
import type { DescribeImageOptions } from "../../descriptors/describe_image.ts";
import { type Descriptor, loadDescriptor } from "../../descriptor.ts";
import { isUserError } from "../../errors.ts";
import { withFileErrors } from "../../files/file_errors.ts";
import { sha256, sha256File, sha256Json } from "../../files/hash.ts";
import type { Log, Progress } from "../../log.ts";
import { codeKey } from "./code_key.ts";
import type { FeatureRecords, RecordKey } from "./feature_records.ts";

/** A photograph whose features are in the records. */
export interface ExtractedPhotograph
  extends Omit<DescribedPhotograph, "keypoints" | "descriptors"> {
  key: RecordKey;
}

/** What {@linkcode extractFeatures} works with. */
export interface ExtractionOptions {
  images: readonly ListedImage[];
  /** path of a network */
  model: string;
  describing: Omit<DescribeImageOptions, "onPart">;
  records: FeatureRecords;
  log: Log;
  signal: AbortSignal;
}

/**
 * Finds and describes the keypoints of photographs whose record is missing, one photograph in memory at a time. A photograph that cannot
 * be read is told of in a line and passed over.
 *
 * @returns those that have a record now, in their order
 * @throws {DataError} when the network or the records fail; {GpuError} when there is no adapter or it fails
 */
export async function extractFeatures(
  options: ExtractionOptions,
): Promise<ExtractedPhotograph[]> {
  const { images, model, describing, records, log, signal } = options;
  const network = sha256(
    await readBytes(model, { attempt: "read the network" }),
  );
  const code = await codeKey(new URL(import.meta.url), records.directory);
  const extracted: ExtractedPhotograph[] = [];
  let descriptor: Descriptor | undefined;
  let progress: Progress | undefined;
  using owned = new DisposableStack();
  for (const [done, { name, path }] of images.entries()) {
    signal.throwIfAborted();
    try {
      const photograph = await digestOf(path);
      const key = sha256Json({
        code,
        network,
        photograph,
        describing: { ...describing },
      });
      let record = await records.read(key);
      if (record === undefined) {
        // Only now, so that what was done before is not credited to the rate.
        if (progress === undefined) {
          progress = log.progress("features", images.length, "photographs");
          progress.update(done);
        }
        const picture = await readGreyImage(path);
        descriptor ??= owned.use(await loadDescriptor(model));
        const described = await descriptor.describeImage(picture, describing);
        record = {
          width: described.width,
          height: described.height,
          orientation: picture.orientation ?? 1,
          count: described.keypoints.length,
          dimension: described.dimension,
          keypoints: keypointTable(described.keypoints),
          descriptors: described.descriptors,
        };
        await records.write(key, record);
      }
      const { keypoints: _, descriptors: __, ...facts } = record;
      extracted.push({ name, key, ...facts });
    } catch (error) {
      if (!isOfThePhotograph(error, path)) throw error;
      log.warn(`${error.message}; passed over`);
    }
    progress?.update(done + 1);
  }
  progress?.finish();
  return extracted;
}

/** f64 [keypoints, 5] */
function keypointTable(keypoints: readonly Keypoint[]): Float64Array {
  const table = new Float64Array(keypoints.length * keypointFields);
  keypoints.forEach(({ x, y, sigma, angle, response }, index) => {
    table.set([x, y, sigma, angle, response], keypointFields * index);
  });
  return table;
}

async function digestOf(path: string): Promise<string> {
  return await withFileErrors(
    "read a file",
    path,
    async () => (await sha256File(path)).digest,
  );
}

/** Whether it is the file's own fault, and not that of the network, the disk or the GPU. */
function isOfThePhotograph(error: unknown, path: string): error is Error {
  return isUserError(error) && error.where === path;
}
