import { join } from "@std/path";
import { runProgram } from "./program.ts";

/** Puts Deno for 64-bit Intel and AMD Linux where `./run` looks for the project's own. */
export async function addDeno(target: string): Promise<void> {
  const name = "@deno/linux-x64-glibc";
  const folder = join(target, ".deno", "node_modules", name);
  await Deno.mkdir(folder, { recursive: true });
  if (Deno.build.target === "x86_64-unknown-linux-gnu") {
    await Deno.copyFile(Deno.execPath(), join(folder, "deno"));
    return;
  }
  // On any other machine npm has it; its package unpacks to package/.
  const packed = await runProgram("get Deno for Linux", "npm", [
    "pack",
    "--silent",
    `--pack-destination=${target}`,
    `${name}@${Deno.version.deno}`,
  ]);
  const archive = join(target, packed.trim());
  await runProgram("unpack Deno for Linux", "tar", [
    "--extract",
    "--strip-components=1",
    `--file=${archive}`,
    `--directory=${folder}`,
  ]);
  await Deno.remove(archive);
}
