import { join } from "@std/path";
import { runProgram } from "./program.ts";

/** The loader, the dispatch library that drivers open beside it, and the X libraries that NVIDIA's driver is linked to. */
const packages = [
  "libvulkan1",
  "libegl1",
  "libglvnd0",
  "libx11-6",
  "libxext6",
  "libxcb1",
  "libxau6",
  "libxdmcp6",
  "libbsd0",
  "libmd0",
];

/**
 * Downloads the Vulkan loader from the distribution and puts its libraries into `.deno/vulkan`, where `./run` looks when the
 * machine has none.
 *
 * @returns files of the packages, whose names hold their versions
 */
export async function addVulkanLoader(target: string): Promise<string[]> {
  const work = join(target, "vulkan-packages");
  const libraries = join(target, ".deno", "vulkan");
  await Deno.mkdir(join(work, "partial"), { recursive: true });
  await Deno.mkdir(libraries, { recursive: true });
  const attempt = "get the Vulkan loader";
  await runProgram(
    attempt,
    "apt-get",
    ["download", ...packages.map((name) => `${name}:amd64`)],
    work,
  );
  const files: string[] = [];
  for await (const { name, isFile } of Deno.readDir(work)) {
    if (isFile && name.endsWith(".deb")) files.push(name);
  }
  const unpacked = join(work, "unpacked");
  for (const name of files) {
    await runProgram(attempt, "dpkg-deb", [
      "--extract",
      join(work, name),
      unpacked,
    ]);
  }
  const source = join(unpacked, "usr", "lib", "x86_64-linux-gnu");
  for await (const { name, isDirectory } of Deno.readDir(source)) {
    if (isDirectory || !name.includes(".so")) continue;
    // The short names are links to the long ones.
    await Deno.copyFile(
      await Deno.realPath(join(source, name)),
      join(libraries, name),
    );
  }
  await Deno.remove(work, { recursive: true });
  return files.sort();
}
