import { join } from "@std/path";
import { BundleError, runProgram } from "./program.ts";

/**
 * Puts Deno for 64-bit Intel and AMD Linux where `./run` looks for the project's own.
 *
 * @param target the bundle's folder, with the project in it
 * @returns the release
 * @throws {BundleError} when npm does not bring what the project's lock file names
 */
export async function addDeno(target: string): Promise<string> {
  const place = join(target, ".deno");
  const program = join(place, "node_modules/@deno/linux-x64-glibc/deno");
  if (Deno.build.target === "x86_64-unknown-linux-gnu") {
    await Deno.mkdir(join(program, ".."), { recursive: true });
    await Deno.copyFile(Deno.execPath(), program);
    return Deno.version.deno;
  }
  // On any other machine npm has it, and takes it only with the checksum of the lock file.
  await Deno.mkdir(place);
  for (const name of ["package.json", "package-lock.json"]) {
    await Deno.copyFile(
      join(target, "packaging/deno", name),
      join(place, name),
    );
  }
  await runProgram("get Deno for Linux", "npm", [
    "ci",
    `--prefix=${place}`,
    ...["--os=linux", "--cpu=x64", "--libc=glibc"],
    ...["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
  ]);
  // npm leaves out a platform's package that has another checksum.
  if (!await Deno.lstat(program).then(() => true, () => false)) {
    throw new BundleError({
      attempt: "get Deno for Linux",
      found: "no program from npm",
      wanted: "the one whose checksum packaging/deno/package-lock.json names",
      remedy: "make the bundle on Linux, which takes its own Deno",
    });
  }
  const { dependencies } = JSON.parse(
    await Deno.readTextFile(join(place, "package.json")),
  );
  return dependencies.deno;
}
