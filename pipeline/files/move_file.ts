import { errorCode } from "./file_errors.ts";
import { temporaryPath } from "./write_file.ts";

/**
 * Gives a file another name, on another file system too: there a synced copy takes the name, whole, and the file goes.
 *
 * @throws what the file system says
 */
export async function moveFile(from: string, to: string): Promise<void> {
  try {
    return await Deno.rename(from, to);
  } catch (error) {
    if (errorCode(error) !== "EXDEV") throw error;
  }
  const partial = temporaryPath(to);
  try {
    await Deno.copyFile(from, partial);
    const { mtime, atime } = await Deno.stat(from);
    if (mtime && atime) await Deno.utime(partial, atime, mtime);
    {
      using copy = await Deno.open(partial, { read: true });
      await copy.sync();
    }
    await Deno.rename(partial, to);
  } catch (error) {
    await Deno.remove(partial).catch(() => {}); // the first error is the one to tell
    throw error;
  }
  await Deno.remove(from);
}
