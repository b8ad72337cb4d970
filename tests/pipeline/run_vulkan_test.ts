import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { Machine } from "../helpers/pipeline/starter_machine.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

describe("./run, for a task that needs the GPU", () => {
  it("starts at once when a driver is there", async () => {
    const machine = new Machine(folder);
    machine.addDeno("2.9.6");
    machine.addVulkan();
    const { code, stderr } = await machine.run(["reproduce", "x"]);
    assert.equal(code, 0);
    assert.equal(stderr, "");
  });

  it("looks for loader and driver wherever Vulkan does", async () => {
    const home = { HOME: join(folder, "home") };
    for (
      const [path, env] of [
        ["home/.config", home],
        ["home/.local/share", home],
        ["own config", { XDG_CONFIG_HOME: join(folder, "own config") }],
        ["b c", { XDG_CONFIG_DIRS: `/nowhere:${join(folder, "b c")}` }],
        ["own data", { XDG_DATA_HOME: join(folder, "own data") }],
        ["d e", { XDG_DATA_DIRS: `${join(folder, "d e")}:/nowhere` }],
        ["etc", {}],
        ["etc/xdg", {}],
        ["usr/local/share", {}],
      ] as const
    ) {
      const machine = new Machine(folder);
      machine.addDeno("2.9.6");
      machine.addFile("own libraries/libvulkan.so.1");
      const libraries = join(folder, "own libraries");
      const run = () =>
        machine.run(["test"], {
          LD_LIBRARY_PATH: `/nowhere:${libraries}`,
          ...env,
        });
      assert.equal((await run()).code, 2, path);
      machine.addFile(`${path}/vulkan/icd.d/a.json`);
      const { code, stderr } = await run();
      assert.equal(code, 0, `${path}: ${stderr}`);
      Deno.removeSync(folder, { recursive: true });
      Deno.mkdirSync(folder);
    }
  });

  it("believes a driver that the environment names", async () => {
    const machine = new Machine(folder);
    machine.addDeno("2.9.6");
    machine.addVulkan();
    Deno.removeSync(join(folder, "usr/share/vulkan/icd.d/a.json"));
    for (const name of ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"]) {
      const { code } = await machine.run(["test"], { [name]: "/x.json" });
      assert.equal(code, 0);
    }
  });

  describe("finds NVIDIA's driver where containers are given it", () => {
    const place = "usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json";
    const variables = async (prepare: (machine: Machine) => void) => {
      const machine = new Machine(folder);
      machine.addVulkan();
      machine.addFile("usr/local/nvidia/lib64/libGLX_nvidia.so.0");
      machine.add(
        "deno",
        '[ "$1" = --version ] && echo "deno 2.9.6" ||\n' +
          'echo "${VK_DRIVER_FILES-}|${VK_ICD_FILENAMES-}|${LD_LIBRARY_PATH-}"',
      );
      prepare(machine);
      const { code, stdout, stderr } = await machine.run(["test"]);
      assert.equal(code, 0, stderr);
      return stdout.trim().replaceAll(folder, "").split("|");
    };
    const standard = "usr/share/vulkan/icd.d/a.json";
    const own = "/the project/packaging/nvidia_icd.json";
    // Older loaders know only the second variable.
    const withFiles = (files: string) => [
      files,
      files,
      "/usr/local/nvidia/lib64",
    ];

    it("alone", async () => {
      const found = await variables((machine) => {
        machine.addFile(place);
        machine.remove(standard);
      });
      assert.deepEqual(found, withFiles(`/${place}`));
    });

    it("beside others", async () => {
      const found = await variables((machine) => machine.addFile(place));
      assert.deepEqual(found, withFiles(`/${place}:/${standard}`));
    });

    it("without its file, which this project has", async () => {
      const found = await variables((machine) => machine.remove(standard));
      assert.deepEqual(found, withFiles(own));
    });

    it("without its file, beside that of another driver", async () => {
      assert.deepEqual(
        await variables(() => {}),
        withFiles(`${own}:/${standard}`),
      );
      Deno.removeSync(folder, { recursive: true });
      Deno.mkdirSync(folder);
      const found = await variables((machine) => {
        machine.remove("usr/local/nvidia");
        machine.addFile("usr/lib64/libGLX_nvidia.so.0");
      });
      const files = `${own}:/${standard}`;
      assert.deepEqual(found, [files, files, ""]);
    });

    it("where the loader finds it by itself, but not its library", async () => {
      const found = await variables((machine) =>
        machine.addFile("etc/vulkan/icd.d/nvidia_icd.x86_64.json")
      );
      assert.deepEqual(found, ["", "", "/usr/local/nvidia/lib64"]);
    });

    it("after installing a loader, which comes with other drivers", async () => {
      const found = await variables((machine) => {
        machine.addFile(place);
        machine.remove("usr/lib/x/libvulkan.so.1");
        machine.remove(standard);
        machine.add("id", "echo 0");
        machine.add(
          "apt-get",
          ["usr/lib/x/libvulkan.so.1", standard].map((path) =>
            `: > "${folder}/${path}"`
          ).join("\n"),
        );
      });
      assert.deepEqual(found, withFiles(`/${place}:/${standard}`));
    });

    it("with the bundle's loader where the machine has none", async () => {
      const found = await variables((machine) => {
        machine.addFile(place);
        machine.addFile("the project/.deno/vulkan/libvulkan.so.1");
        machine.remove("usr/lib/x/libvulkan.so.1");
        machine.remove(standard);
      });
      assert.deepEqual(found, [
        `/${place}`,
        `/${place}`,
        "/the project/.deno/vulkan:/usr/local/nvidia/lib64",
      ]);
    });
  });

  it("installs nothing in a bundle", async () => {
    const machine = new Machine(folder);
    machine.addDeno("2.9.6");
    machine.add("id", "echo 0");
    machine.add("apt-get", `echo called > "${folder}/apt"`);
    machine.addFile("the project/.deno/bundle.json");
    const { code, stderr } = await machine.run(["reproduce"]);
    assert.equal(code, 2);
    assert.equal(
      stderr,
      "Cannot start: found no Vulkan loader or driver; ./run doctor says what is missing\n",
    );
    assert.throws(() => Deno.statSync(join(folder, "apt")));
    assert.equal((await machine.run(["doctor"])).code, 0);
  });

  it("installs Mesa's driver when it may", async () => {
    const machine = new Machine(folder);
    machine.addDeno("2.9.6");
    machine.add("id", "echo 0");
    machine.add("apt-get", `echo "$@" >> "${folder}/apt"; echo chatter`);
    const { code, stdout, stderr } = await machine.run(["reproduce"]);
    assert.equal(code, 0);
    assert.match(stdout, /^<task>/);
    assert.equal(
      stderr,
      "Installing a Vulkan driver (mesa-vulkan-drivers libvulkan1, once)…\n",
    );
    assert.deepEqual(Deno.readTextFileSync(join(folder, "apt")).split("\n"), [
      "update -qq",
      "install -y -qq --no-install-recommends mesa-vulkan-drivers libvulkan1",
      "",
    ]);
  });

  it("shows what apt-get said when it fails", async () => {
    const machine = new Machine(folder);
    machine.addDeno("2.9.6");
    machine.add("id", "echo 0");
    machine.add("apt-get", "echo 'E: no mirror'; exit 100");
    const { code, stderr } = await machine.run(["extract"]);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /\nE: no mirror\nCannot install a Vulkan driver: apt-get failed as shown above; mend that and type: apt-get install -y mesa-vulkan-drivers libvulkan1\n$/,
    );
  });

  it("prints the one command to type when it may not", async () => {
    const machine = new Machine(folder);
    machine.addDeno("2.9.6");
    machine.add("id", "echo 1000");
    machine.add("apt-get", "exit 1");
    const { code, stderr } = await machine.run(["reproduce"]);
    assert.equal(code, 2);
    assert.equal(
      stderr,
      "Cannot start: found no Vulkan driver; type: sudo apt-get install -y mesa-vulkan-drivers libvulkan1\n",
    );
  });

  it("says what to look for where there is no apt-get", async () => {
    const machine = new Machine(folder);
    machine.addDeno("2.9.6");
    const { code, stderr } = await machine.run(["reproduce"]);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^Cannot start: found no Vulkan driver; install your GPU's driver or .*\n$/,
    );
  });
});
