import { join } from "@std/path";
import { isByProduct, someOf } from "../by_products.ts";
import { DataError, fileFault } from "../errors.ts";
import { leadsToFolder } from "../link_targets.ts";
import { readGreyImage } from "../images/image_file.ts";
import { patchTypes, stripSidePixels } from "../patches/hpatches_layout.ts";

/**
 * Names of the sequences in a folder of the HPatches release layout (`i_*` and `v_*` with sixteen strips each), sorted.
 * @throws {DataError} when the folder is missing, holds no sequence, or a sequence lacks strips; the message names them
 */
export async function listSequences(directory: string): Promise<string[]> {
  const sequences: string[] = [];
  try {
    for await (const entry of Deno.readDir(directory)) {
      if (isByProduct(entry.name)) continue;
      if (!entry.isFile && /^[iv]_/.test(entry.name)) {
        sequences.push(entry.name);
      }
    }
  } catch (error) {
    throw incomplete(directory, fileFault(error));
  }
  if (sequences.length === 0) {
    const others = await listPassedOver(directory);
    throw incomplete(
      directory,
      `no folder named i_* or v_*${
        others.length === 0 ? "" : ` but ${someOf(others)}`
      }`,
    );
  }
  sequences.sort();
  const lacking: string[] = [];
  for (const sequence of sequences) {
    const present = new Set<string>();
    try {
      for await (const entry of Deno.readDir(join(directory, sequence))) {
        present.add(entry.name);
      }
    } catch (error) {
      throw incomplete(join(directory, sequence), fileFault(error));
    }
    const missing = patchTypes.filter((type) => !present.has(`${type}.png`));
    if (missing.length > 0) {
      const others = [...present].filter((name) =>
        missing.some((type) => name.startsWith(`${type}.`))
      ).sort();
      lacking.push(
        `${sequence} without ${missing.join(", ")}${
          others.length === 0 ? "" : `, but ${someOf(others)}`
        }`,
      );
    }
  }
  if (lacking.length > 0) {
    const shown = lacking.slice(0, 3).join("; ");
    const more = lacking.length > 3
      ? `; and ${lacking.length - 3} more sequences`
      : "";
    throw incomplete(directory, `a partial copy (${shown}${more})`);
  }
  return sequences;
}

/**
 * What else is in a folder of sequences and is passed over by {@linkcode listSequences}, sorted: files, folders of other names
 * (`notes/`), and what beside its strips is in a sequence (`i_a/e6.png`); by-products of systems are not named.
 */
export async function listPassedOver(directory: string): Promise<string[]> {
  const strips = new Set(patchTypes.map((type) => `${type}.png`));
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(directory)) {
    if (isByProduct(name)) continue;
    const path = join(directory, name);
    if (isFile || !/^[iv]_/.test(name)) {
      names.push(leadsToFolder(path) ? `${name}/` : name);
      continue;
    }
    for await (const { name: inner } of Deno.readDir(path)) {
      if (!strips.has(inner) && !isByProduct(inner)) {
        names.push(`${name}/${inner}`);
      }
    }
  }
  return names.sort();
}

/**
 * Reads one strip: `count` patches as u8 [count, 65, 65].
 * @param type one of {@linkcode patchTypes}
 * @throws {DataError} when the strip is missing, unreadable, not 65 pixels wide or not a multiple of 65 high
 */
export async function readSequencePatches(
  directory: string,
  sequence: string,
  type: string,
): Promise<{ count: number; patches: Uint8Array }> {
  const path = join(directory, sequence, `${type}.png`);
  const { width, height, pixels } = await readGreyImage(path);
  if (width !== stripSidePixels || height % stripSidePixels !== 0) {
    throw new DataError({
      attempt: "read HPatches patches",
      where: path,
      found: `a strip of ${width}×${height} pixels`,
      wanted: "65 pixels wide and a multiple of 65 high",
      remedy: "replace the sequence by a whole copy",
    });
  }
  return { count: height / stripSidePixels, patches: pixels };
}

function incomplete(directory: string, found: string): DataError {
  return new DataError({
    attempt: "read the HPatches sequences",
    where: directory,
    found,
    wanted: "sequence folders with ref.png and e1.png … t5.png",
    remedy: "copy the release again",
  });
}
