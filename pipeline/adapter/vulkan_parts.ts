/**
 * What Vulkan needs on Linux besides a card, as far as files tell: why there is no adapter.
 *
 * @module
 */
import { join } from "@std/path";
import { fileURLToPath } from "node:url";
import { isThere } from "../files/is_there.ts";
import { driverFolders, libraryFolders } from "./driver_facts.ts";

/** Where {@linkcode vulkanParts} looks. */
export interface VulkanPlaces {
  /** folders of drivers' files */
  drivers: readonly string[];
  /** folders of libraries */
  libraries: readonly string[];
}

/** What is there of the parts. */
export interface VulkanParts {
  /** path of `libvulkan.so.1` */
  loader: string | undefined;
  /** the drivers' files */
  drivers: string[];
  /** path of NVIDIA's library for CUDA; Deno may not look at devices, and no machine without a card has it */
  cudaLibrary: string | undefined;
  /** path of NVIDIA's Vulkan driver, which containers are given with the capability `graphics` only */
  nvidiaLibrary: string | undefined;
}

/** The libraries that an offline bundle brings along. */
const bundledLibraries = fileURLToPath(
  new URL("../../.deno/vulkan", import.meta.url),
);

const machine: VulkanPlaces = {
  drivers: driverFolders,
  libraries: [...libraryFolders, bundledLibraries],
};

/** Looks for the loader, the drivers' files, and NVIDIA's libraries. */
export function vulkanParts(places: VulkanPlaces = machine): VulkanParts {
  const library = (name: string) =>
    places.libraries.map((folder) => join(folder, name)).find(isThere);
  return {
    loader: library("libvulkan.so.1"),
    drivers: places.drivers.flatMap((folder) =>
      namesIn(folder).filter((name) => name.endsWith(".json"))
        .map((name) => join(folder, name))
    ),
    cudaLibrary: library("libcuda.so.1"),
    nvidiaLibrary: library("libGLX_nvidia.so.0"),
  };
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return []; // the folder is not there
  }
}
