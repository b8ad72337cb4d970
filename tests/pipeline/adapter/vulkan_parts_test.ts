import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { vulkanParts } from "../../../pipeline/adapter/vulkan_parts.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

/** The parts in `folder`, after a folder that is not there. */
function parts() {
  const places = [join(folder, "nowhere"), folder];
  return vulkanParts({ drivers: places, libraries: places });
}

describe("the parts of Vulkan", () => {
  it("are missing where there are no files", () => {
    Deno.writeTextFileSync(join(folder, "README"), "");
    Deno.symlinkSync("nowhere", join(folder, "libcuda.so.1"));
    assert.deepEqual(parts(), {
      loader: undefined,
      drivers: [],
      cudaLibrary: undefined,
      nvidiaLibrary: undefined,
    });
  });

  it("are found by their names", () => {
    const names = [
      "libvulkan.so.1",
      "nvidia_icd.json",
      "libcuda.so.1",
      "libGLX_nvidia.so.0",
    ];
    for (const name of names) Deno.writeTextFileSync(join(folder, name), "");
    const [loader, driver, cudaLibrary, nvidiaLibrary] = names.map((name) =>
      join(folder, name)
    );
    assert.deepEqual(parts(), {
      loader,
      drivers: [driver],
      cudaLibrary,
      nvidiaLibrary,
    });
  });
});
