import { basename, dirname, join, resolve } from "@std/path";
import { statfsSync } from "node:fs";
import type { AdapterFacts } from "../../gpu/mod.ts";
import { driverFolders } from "../adapter/driver_facts.ts";
import { type VulkanParts, vulkanParts } from "../adapter/vulkan_parts.ts";
import { isUserError } from "../errors.ts";
import { fileFault } from "../files/file_errors.ts";

/** What one check of the machine says. */
export interface Finding {
  ok: boolean;
  /** what was looked at */
  subject: string;
  /** what there is */
  found: string;
  /** what to do, when it is not ok */
  remedy?: string;
}

const leastDenoVersion = "2.9";
const leastFreeBytes = 2 * 2 ** 30;

/** Whether this Deno can run the program. */
export function checkDeno(version: string = Deno.version.deno): Finding {
  const [major, minor] = version.split(".").map(Number);
  const [leastMajor, leastMinor] = leastDenoVersion.split(".").map(Number);
  const ok = major > leastMajor ||
    (major === leastMajor && minor >= leastMinor);
  return {
    ok,
    subject: "Deno",
    found: version,
    ...(ok ? {} : {
      remedy:
        `install Deno ${leastDenoVersion} or newer, or take Deno off the PATH and let ./run fetch one`,
    }),
  };
}

/** The adapter that training would use, its limits, and what keeps a better one from being used. */
export async function checkAdapter(): Promise<Finding[]> {
  try {
    const { openGpu } = await import("../../gpu/mod.ts");
    using gpu = await openGpu();
    const { adapter, device } = gpu;
    const { maxStorageBufferBindingSize, maxBufferSize } = device.limits;
    return [
      {
        ok: true,
        subject: "adapter",
        found: `${adapter.description} (${adapter.deviceClass})`,
      },
      {
        ok: true,
        subject: "limits",
        found: `${mebibytes(maxBufferSize)} MiB a buffer, ` +
          `${mebibytes(maxStorageBufferBindingSize)} MiB a binding, ` +
          `${device.limits.maxComputeInvocationsPerWorkgroup} invocations a workgroup`,
      },
      ...checkUnusedCard(adapter.deviceClass),
    ];
  } catch (error) {
    if (!isUserError(error)) throw error;
    return [{
      ok: false,
      subject: "adapter",
      found: error.found ?? error.message,
      remedy: error.remedy ?? "install a Vulkan driver",
    }, ...checkVulkanParts()];
  }
}

/**
 * The Vulkan drivers that are installed; only Linux has such files. Where there is an adapter, its driver's file may be in a folder of the
 * user's.
 */
export function checkDriver(
  hasAdapter: boolean,
  os: string = Deno.build.os,
  folders: readonly string[] = driverFolders,
): Finding {
  const subject = "driver";
  if (os !== "linux") return { ok: true, subject, found: `that of ${os}` };
  const names = folders.flatMap((folder) => namesIn(folder))
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.replace(/\.json$/, "").replace(/_icd.*$/, ""));
  if (names.length > 0) {
    return { ok: true, subject, found: `Vulkan: ${names.sort().join(", ")}` };
  }
  if (hasAdapter) {
    return { ok: true, subject, found: "Vulkan: in no folder of the system's" };
  }
  return {
    ok: false,
    subject,
    found: "no Vulkan driver file",
    remedy: "apt-get install mesa-vulkan-drivers libvulkan1",
  };
}

const graphicsRemedy =
  "start the container with NVIDIA_DRIVER_CAPABILITIES=compute,utility,graphics (docs/offline.md)";

/** Whether NVIDIA's libraries are there and the adapter is the software one all the same: it works, but for nothing. */
export function checkUnusedCard(
  deviceClass: AdapterFacts["deviceClass"],
  os: string = Deno.build.os,
  { drivers, cudaLibrary, nvidiaLibrary }: VulkanParts = vulkanParts(),
): Finding[] {
  const library = nvidiaLibrary ?? cudaLibrary;
  if (deviceClass !== "software" || os !== "linux" || library === undefined) {
    return [];
  }
  const hasFile = drivers.some((path) => basename(path).includes("nvidia"));
  let remedy: string;
  if (nvidiaLibrary === undefined) {
    remedy = `install the Vulkan part of NVIDIA's driver, or ${graphicsRemedy}`;
  } else if (!hasFile) {
    remedy =
      "start with ./run and without VK_DRIVER_FILES and VK_ICD_FILENAMES, or write the file of docs/offline.md to /etc/vulkan/icd.d";
  } else {
    remedy =
      "see whether nvidia-smi finds the card, and what VK_LOADER_DEBUG=error ./run doctor says";
  }
  return [{
    ok: false,
    subject: "NVIDIA's card",
    found: `${library}, but all work is done in software`,
    remedy,
  }];
}

/** Which parts of Vulkan are missing, for a machine on which no adapter was found; only Linux has them apart. */
export function checkVulkanParts(
  os: string = Deno.build.os,
  { loader, drivers, cudaLibrary, nvidiaLibrary }: VulkanParts = vulkanParts(),
): Finding[] {
  if (os !== "linux") return [];
  const missing = (subject: string, found: string, remedy: string) => ({
    ok: false,
    subject,
    found,
    remedy,
  });
  const findings: Finding[] = [];
  if (loader === undefined) {
    findings.push(missing(
      "Vulkan loader",
      "no libvulkan.so.1",
      "apt-get install libvulkan1, or take a bundle made --with-vulkan (docs/offline.md)",
    ));
  }
  if (cudaLibrary !== undefined && nvidiaLibrary === undefined) {
    findings.push(missing(
      "NVIDIA's Vulkan driver",
      `${cudaLibrary} without libGLX_nvidia.so.0`,
      graphicsRemedy,
    ));
  }
  if (nvidiaLibrary !== undefined && drivers.length === 0) {
    findings.push(missing(
      "Vulkan driver's file",
      `${nvidiaLibrary} without nvidia_icd.json`,
      "write the one of docs/offline.md to /etc/vulkan/icd.d, or let VK_DRIVER_FILES name it",
    ));
  }
  return findings;
}

/** Free space where results and the cache go. */
export function checkDisk(directory = "."): Finding {
  const { bavail, bsize } = statfsSync(directory);
  const freeBytes = bavail * bsize;
  const ok = freeBytes >= leastFreeBytes;
  return {
    ok,
    subject: "disk",
    found: `${(freeBytes / 2 ** 30).toFixed(1)} GiB free`,
    ...(ok ? {} : {
      remedy: `free at least ${leastFreeBytes / 2 ** 30} GiB`,
    }),
  };
}

/** Whether files can be made in a directory; leaves nothing behind. */
export function checkWritable(directory: string): Finding {
  const subject = `write ${directory}/`;
  const missing: string[] = [];
  for (
    let path = resolve(directory);
    !exists(path) && path !== dirname(path);
    path = dirname(path)
  ) missing.push(path);
  try {
    Deno.mkdirSync(directory, { recursive: true });
    const probe = join(directory, `.doctor-${Deno.pid}`);
    Deno.writeTextFileSync(probe, "");
    Deno.removeSync(probe);
    return { ok: true, subject, found: "allowed" };
  } catch (error) {
    return {
      ok: false,
      subject,
      found: fileFault(error),
      remedy: `make ${resolve(directory)} writable for you`,
    };
  } finally {
    for (const path of missing) removeIfThere(path);
  }
}

/** Whether the bundled photographs are installed. */
export async function checkPhotographs(): Promise<Finding> {
  const subject = "photographs";
  try {
    const { listPhotographs } = await import("../../data/mod.ts");
    const { training, heldOut } = await listPhotographs("", 3);
    const count = training.length + heldOut.length;
    return { ok: true, subject, found: `${count} bundled` };
  } catch (error) {
    if (!isUserError(error)) throw error;
    return {
      ok: false,
      subject,
      found: error.found ?? error.message,
      remedy: error.remedy ?? "deno install",
    };
  }
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return []; // the folder is not there
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // it could not be made in the first place
  }
}

function mebibytes(sizeBytes: number): number {
  return Math.floor(sizeBytes / 2 ** 20);
}
