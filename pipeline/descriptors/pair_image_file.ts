import {
  DataError,
  readSafetensors,
  writeSafetensors,
} from "../../data/mod.ts";
import type { TensorData } from "../../data/mod.ts";
import type { Keypoint } from "../../features/mod.ts";
import type { DescriptorRows } from "../metrics/distance.ts";

/** An image's keypoints and what each descriptor says of them. */
export interface DescribedPairImage {
  /** pixels */
  width: number;
  /** pixels */
  height: number;
  /** strongest first */
  keypoints: Keypoint[];
  /** by descriptor, [keypoints, dimension] */
  descriptors: ReadonlyMap<string, DescriptorRows>;
}

/** Tensors beside those of the descriptors. */
const sizeName = "image.size";
const keypointsName = "image.keypoints";

/** Name of the file of an image of a set. */
export function pairImageFile(number: number): string {
  return `${String(number).padStart(5, "0")}.safetensors`;
}

/**
 * Writes an image as safetensors: `image.size` F64 [2], `image.keypoints` F64 [keypoints, 5] (x, y, sigma, angle, response), and F32
 * [keypoints, dimension] under each descriptor's name.
 */
export async function writePairImage(
  path: string,
  { width, height, keypoints, descriptors }: DescribedPairImage,
): Promise<void> {
  const numbers = keypoints.flatMap((
    { x, y, sigma, angle, response },
  ) => [x, y, sigma, angle, response]);
  const tensors = new Map<string, TensorData>([
    [sizeName, {
      dtype: "F64",
      shape: [2],
      data: Float64Array.of(width, height),
    }],
    [keypointsName, {
      dtype: "F64",
      shape: [keypoints.length, 5],
      data: Float64Array.from(numbers),
    }],
  ]);
  for (const [name, { values, dimension }] of descriptors) {
    tensors.set(name, {
      dtype: "F32",
      shape: [keypoints.length, dimension],
      data: Float32Array.from(values),
    });
  }
  await writeSafetensors(path, tensors);
}

/**
 * Reads what {@linkcode writePairImage} wrote.
 *
 * @throws {DataError} when it is no such file, or a value is not finite
 */
export async function readPairImage(path: string): Promise<DescribedPairImage> {
  const { tensors } = await readSafetensors(path);
  const size = tensors.get(sizeName);
  const table = tensors.get(keypointsName);
  if (size?.dtype !== "F64" || table?.dtype !== "F64") {
    throw refusal(path, `the tensors ${[...tensors.keys()].join(", ")}`);
  }
  const keypoints = Array.from({ length: table.shape[0] }, (_, i): Keypoint => {
    const [x, y, sigma, angle, response] = table.data.subarray(5 * i);
    return { x, y, sigma, angle, response };
  });
  const descriptors = new Map<string, DescriptorRows>();
  for (const [name, tensor] of tensors) {
    if (name === sizeName || name === keypointsName) continue;
    const { dtype, shape, data } = tensor;
    if (
      dtype !== "F32" || shape.length !== 2 || shape[0] !== keypoints.length ||
      !data.every(Number.isFinite)
    ) throw refusal(path, `${name} as ${dtype} [${shape.join(", ")}]`);
    descriptors.set(name, { values: data, dimension: shape[1] });
  }
  const [width, height] = size.data;
  return { width, height, keypoints, descriptors };
}

function refusal(where: string, found: string): DataError {
  return new DataError({
    attempt: "read the described image",
    where,
    found,
    wanted: `${sizeName}, ${keypointsName} and descriptors, F32 and finite`,
  });
}
