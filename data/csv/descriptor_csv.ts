import {
  type DescriptorTable,
  parseDescriptorCsv,
  readAttempt,
} from "./descriptor_text.ts";
import { DataError, fileFault } from "../errors.ts";
import { readBytes } from "../read_bytes.ts";
import { FixedPointWriter } from "./fixed_point.ts";

const newline = 10;
const comma = 44;

/**
 * Writes descriptors as `numpy.savetxt(path, x, fmt="%10.5f", delimiter=",")` does, byte for byte: no header, one row a
 * patch, five decimals rounded half to even, right-aligned in ten columns. Temporary file, then rename.
 *
 * @param values [rows, dimension]
 * @throws {DataError} when a value is not finite (naming row and column) or the file cannot be written
 * @throws {RangeError} when the length is no multiple of the dimension
 */
export async function writeDescriptorCsv(
  path: string,
  values: Float32Array,
  dimension: number,
): Promise<void> {
  const rows = values.length / dimension;
  if (!Number.isInteger(rows)) {
    throw new RangeError(`${values.length} values in rows of ${dimension}`);
  }
  const temporary = `${path}.partial`;
  const attempt = "write the descriptors";
  try {
    using file = await Deno.open(temporary, {
      write: true,
      create: true,
      truncate: true,
    });
    const text = new FixedPointWriter((bytes) => {
      for (let done = 0; done < bytes.length;) {
        done += file.writeSync(bytes.subarray(done));
      }
    });
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < dimension; column++) {
        const value = values[row * dimension + column];
        if (!Number.isFinite(value)) {
          throw new DataError({
            attempt,
            where: `${path}: row ${row + 1}, value ${column + 1}`,
            found: String(value),
            wanted: "a finite number",
          });
        }
        text.write(value, column + 1 < dimension ? comma : newline);
      }
    }
    text.flush();
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {}); // it may never have been made
    if (error instanceof DataError) throw error;
    throw new DataError({
      attempt,
      where: path,
      found: fileFault(error),
      wanted: "a writable file",
    });
  }
}

/**
 * Reads a descriptor file.
 *
 * @throws {DataError} when the file cannot be read, or as {@linkcode parseDescriptorCsv} does
 */
export async function readDescriptorCsv(
  path: string,
): Promise<DescriptorTable> {
  const bytes = await readBytes(path, {
    attempt: readAttempt,
    wanted: "a file of numbers, one row a patch",
  });
  return parseDescriptorCsv(bytes, path);
}
