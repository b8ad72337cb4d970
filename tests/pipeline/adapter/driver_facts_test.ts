import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { driverFacts } from "../../../pipeline/adapter/driver_facts.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
  for (const name of ["drivers", "libraries"]) {
    Deno.mkdirSync(join(folder, name));
  }
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

/** What is known of the drivers in `folder`. */
function facts(os = "linux"): string[] {
  return driverFacts({
    os,
    drivers: [join(folder, "nowhere"), join(folder, "drivers")],
    libraries: [join(folder, "nowhere"), join(folder, "libraries")],
  });
}

/** Installs a driver's file, and its library as a link to a name with a version, as NVIDIA does. */
function install(library: string): void {
  Deno.writeTextFileSync(
    join(folder, "drivers", "own_icd.json"),
    JSON.stringify({
      ICD: { api_version: "1.3.277", library_path: library },
    }),
  );
}

function writeLibrary(name: string, text: string): string {
  const path = join(folder, "libraries", name);
  Deno.writeTextFileSync(path, text);
  Deno.utimeSync(path, 1e9, 1e9);
  return Deno.realPathSync(path);
}

describe("driverFacts", () => {
  it("tell version, size and date of a library by its path", () => {
    const path = writeLibrary("own.so", "12345");
    install(path);
    const expected =
      `Vulkan 1.3.277, ${path}, 5 bytes of 2001-09-09T01:46:40.000Z`;
    assert.deepEqual(facts(), [expected]);
  });

  it("follow a name to the file it stands for", () => {
    const path = writeLibrary("libown.so.560.28", "12345");
    Deno.symlinkSync(path, join(folder, "libraries", "libown.so.0"));
    install("libown.so.0");
    assert.ok(facts()[0].startsWith(`Vulkan 1.3.277, ${path}, 5 bytes`));
  });

  it("change with the library", () => {
    install(writeLibrary("own.so", "12345"));
    const before = facts();
    writeLibrary("own.so", "123456");
    assert.notDeepEqual(facts(), before);
  });

  it("say less where files do", () => {
    install("gone.so");
    assert.deepEqual(facts(), ["Vulkan 1.3.277, gone.so"]);
    const path = join(folder, "drivers", "own_icd.json");
    for (const text of ["no JSON", "null", '{"ICD":{}}']) {
      Deno.writeTextFileSync(path, text);
      assert.deepEqual(facts(), [path]);
    }
    assert.deepEqual(facts("windows"), []);
  });

  it("know this machine's drivers, if it is a Linux", () => {
    assert.equal(driverFacts().length > 0, Deno.build.os !== "windows");
  });
});
