/**
 * Which graphics driver is installed, as far as its files tell: WebGPU names the adapter, not the driver.
 *
 * @module
 */
import { join } from "@std/path";

/** Where Linux keeps a file for each Vulkan driver, and where containers are given NVIDIA's. */
export const driverFolders: readonly string[] = [
  "/etc/vulkan/icd.d",
  "/usr/local/nvidia/share/vulkan/icd.d",
  "/usr/local/nvidia/vulkan/icd.d",
  "/usr/local/share/vulkan/icd.d",
  "/usr/share/vulkan/icd.d",
];

/** Where Linux keeps the drivers themselves, if their files give no folder. */
export const libraryFolders: readonly string[] = [
  `/usr/lib/${Deno.build.arch}-linux-gnu`,
  "/usr/lib64",
  "/usr/lib",
  "/usr/local/lib",
  "/usr/local/nvidia/lib64",
  "/usr/local/nvidia/lib",
];

/** macOS brings the driver along, so its build is the driver's. */
const macOsVersion = "/System/Library/CoreServices/SystemVersion.plist";

/** Where {@linkcode driverFacts} looks. */
export interface DriverPlaces {
  os: string;
  drivers: readonly string[];
  libraries: readonly string[];
}

/**
 * One line for every driver: the same lines, the same drivers. On Linux the Vulkan version, and path, size and date of the
 * library, whose name often is the version; on macOS the system's build. Elsewhere nothing is known.
 */
export function driverFacts(
  { os, drivers, libraries }: DriverPlaces = {
    os: Deno.build.os,
    drivers: driverFolders,
    libraries: libraryFolders,
  },
): string[] {
  if (os === "darwin") {
    const text = orUndefined(() => Deno.readTextFileSync(macOsVersion)) ?? "";
    const build = /ProductBuildVersion<\/key>\s*<string>([^<]*)/.exec(text);
    return build === null ? [] : [`macOS ${build[1]}`];
  }
  if (os !== "linux") return [];
  return drivers.flatMap((folder) =>
    filesIn(folder).map((path) => driverLine(path, libraries))
  ).sort();
}

function driverLine(path: string, libraries: readonly string[]): string {
  const manifest = orUndefined(() => JSON.parse(Deno.readTextFileSync(path)));
  const { api_version: version, library_path: name } = Object(manifest?.ICD);
  if (typeof name !== "string") return path;
  const candidates = name.startsWith("/")
    ? [name]
    : libraries.map((folder) => join(folder, name));
  for (const candidate of candidates) {
    const library = orUndefined(() => Deno.realPathSync(candidate));
    if (library === undefined) continue;
    const { size, mtime } = Deno.statSync(library);
    return `Vulkan ${version}, ${library}, ${size} bytes of ${mtime?.toISOString()}`;
  }
  return `Vulkan ${version}, ${name}`;
}

function filesIn(folder: string): string[] {
  const entries = orUndefined(() => [...Deno.readDirSync(folder)]) ?? [];
  return entries.map(({ name }) => join(folder, name))
    .filter((path) => path.endsWith(".json"));
}

/** What a file says; undefined where it is not there, not to be read or no JSON: then the line says less. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
