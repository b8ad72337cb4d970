import { extname, join } from "@std/path";
import { isByProduct } from "../by_products.ts";
import { DataError, fileFault } from "../errors.ts";
import { readHomographySequences } from "./homography_sequences.ts";
import type { ImagePairSet } from "./image_pairs.ts";
import { readPoseList } from "./pose_list.ts";

/**
 * Reads image pairs with what holds between them: sequences under homographies, or a list of pairs with poses.
 *
 * @param path a folder of sequences, one sequence, a list, or a folder whose only text file is a list
 * @throws {DataError} when it is none of these, or something in it is wrong
 */
export async function readImagePairs(path: string): Promise<ImagePairSet> {
  const refuse = (found: string) =>
    new DataError({
      attempt: "read the image pairs",
      where: path,
      found,
      wanted:
        "folders with 1.EXT, 2.EXT … and H_1_2 … (HPatches), or a text file of pairs with poses",
    });
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (error) {
    throw refuse(fileFault(error));
  }
  if (info.isFile) return await readPoseList(path);
  if (!info.isDirectory) throw refuse("a device or a pipe");
  const sequences = await readHomographySequences(path);
  if (sequences !== undefined) return sequences;
  const lists = [...Deno.readDirSync(path)].map(({ name }) => name)
    .filter((name) => extname(name) === ".txt" && !isByProduct(name));
  if (lists.length === 1) return await readPoseList(join(path, lists[0]));
  throw refuse(
    lists.length === 0
      ? "neither sequences nor a list"
      : `${lists.length} text files and no sequence`,
  );
}
