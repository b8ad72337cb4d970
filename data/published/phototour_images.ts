import { join } from "@std/path";
import { DataError } from "../errors.ts";
import { readBytes } from "../read_bytes.ts";
import { countLines, textLines } from "../text_lines.ts";

/** The file of a PhotoTour set that tells each patch's image. */
const interestFileName = "interest.txt";

/**
 * Reads `interest.txt` of an unpacked PhotoTour set: a line a patch, whose first column is the number of the image that its point was
 * found in; all patches of a point have the same.
 *
 * @param patchCount patches of the set, as `info.txt` has them
 * @returns [patches] numbers of images
 * @throws {DataError} with file and line when it is missing, malformed or of another length
 */
export async function readPatchImages(
  directory: string,
  patchCount: number,
): Promise<Uint32Array> {
  const path = join(directory, interestFileName);
  const bytes = await readBytes(path, {
    attempt: "read the patches' images",
    remedy: "unpack the set's archive again",
  });
  const text = new TextDecoder().decode(bytes);
  const count = countLines(text);
  if (count !== patchCount) {
    throw malformed(
      path,
      `${count} lines`,
      `${patchCount}, one a patch`,
    );
  }
  const images = new Uint32Array(count);
  let number = 0;
  for (const line of textLines(text)) {
    const [column] = line.trim().split(/[ \t]+/, 1);
    const image = /^\d{1,10}$/.test(column) ? Number(column) : NaN;
    if (!(image <= 0xffffffff)) {
      const found = `image ${JSON.stringify(column.slice(0, 40))}`;
      throw malformed(`${path}:${number + 1}`, found, "a number of 0 or more");
    }
    images[number++] = image;
  }
  return images;
}

function malformed(where: string, found: string, wanted: string): DataError {
  return new DataError({
    attempt: "read the patches' images",
    where,
    found,
    wanted,
    remedy: "unpack the set's archive again",
  });
}
