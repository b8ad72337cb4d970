import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  checkDeno,
  checkDisk,
  checkDriver,
  checkPhotographs,
  checkUnusedCard,
  checkVulkanParts,
  checkWritable,
} from "../../../pipeline/commands/doctor_checks.ts";
import { projectDirectory, runProcess } from "../../helpers/command_line.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

describe("doctor's checks", () => {
  it("want Deno 2.9 or newer", () => {
    for (const version of ["2.9.0", "2.10.1", "3.0.0"]) {
      assert.deepEqual(checkDeno(version), {
        ok: true,
        subject: "Deno",
        found: version,
      });
    }
    for (const version of ["2.8.9", "1.46.3"]) {
      const { ok, remedy } = checkDeno(version);
      assert.equal(ok, false);
      assert.match(remedy!, /^install Deno 2\.9 or newer/);
    }
  });

  it("name the Vulkan drivers that are installed", () => {
    Deno.writeTextFileSync(join(folder, "radeon_icd.x86_64.json"), "");
    Deno.writeTextFileSync(join(folder, "lvp_icd.x86_64.json"), "");
    Deno.writeTextFileSync(join(folder, "README"), "");
    assert.deepEqual(checkDriver(true, "linux", [folder, "/nowhere"]), {
      ok: true,
      subject: "driver",
      found: "Vulkan: lvp, radeon",
    });
  });

  it("say how to get a driver", () => {
    assert.deepEqual(checkDriver(false, "linux", [folder]), {
      ok: false,
      subject: "driver",
      found: "no Vulkan driver file",
      remedy: "apt-get install mesa-vulkan-drivers libvulkan1",
    });
    assert.equal(checkDriver(false, "darwin", []).ok, true);
  });

  it("miss no driver's file where there is an adapter", () => {
    assert.equal(checkDriver(true, "linux", [folder]).ok, true);
  });

  it("say why NVIDIA's card is not used where all is done in software", () => {
    const whole = {
      loader: "/lib/libvulkan.so.1",
      drivers: ["/usr/share/vulkan/icd.d/lvp_icd.json"],
      cudaLibrary: "/lib/libcuda.so.1",
      nvidiaLibrary: "/lib/libGLX_nvidia.so.0",
    };
    const cases = [
      [{ nvidiaLibrary: undefined }, "libcuda.so.1", /graphics/],
      [{}, "libGLX_nvidia.so.0", /^start with \.\/run .*icd\.d$/],
      [
        { drivers: ["/etc/vulkan/icd.d/nvidia_icd.x86_64.json"] },
        "libGLX_nvidia.so.0",
        /nvidia-smi/,
      ],
    ] as const;
    for (const [change, library, remedy] of cases) {
      const { drivers, ...others } = { ...whole, ...change };
      const parts = { ...others, drivers: [...drivers] };
      const [finding, ...more] = checkUnusedCard("software", "linux", parts);
      assert.deepEqual(more, []);
      assert.equal(finding.ok, false);
      assert.equal(finding.subject, "NVIDIA's card");
      assert.ok(finding.found.startsWith(`/lib/${library}, but `));
      assert.match(finding.remedy!, remedy);
      assert.deepEqual(checkUnusedCard("discrete", "linux", parts), []);
      assert.deepEqual(checkUnusedCard("software", "darwin", parts), []);
    }
    const none = {
      ...whole,
      cudaLibrary: undefined,
      nvidiaLibrary: undefined,
    };
    assert.deepEqual(checkUnusedCard("software", "linux", none), []);
  });

  it("name the parts of Vulkan that are missing", () => {
    const whole = {
      loader: "/lib/libvulkan.so.1",
      drivers: ["/etc/vulkan/icd.d/nvidia_icd.json"],
      cudaLibrary: "/lib/libcuda.so.1",
      nvidiaLibrary: "/lib/libGLX_nvidia.so.0",
    };
    assert.deepEqual(checkVulkanParts("linux", whole), []);
    const cases = [
      [{ loader: undefined }, "Vulkan loader", "no libvulkan.so.1"],
      [
        { nvidiaLibrary: undefined },
        "NVIDIA's Vulkan driver",
        "/lib/libcuda.so.1 without libGLX_nvidia.so.0",
      ],
      [
        { drivers: [] },
        "Vulkan driver's file",
        "/lib/libGLX_nvidia.so.0 without nvidia_icd.json",
      ],
    ] as const;
    for (const [change, subject, found] of cases) {
      const parts = { ...whole, ...change, drivers: [...whole.drivers] };
      if ("drivers" in change) parts.drivers = [];
      const [finding, ...others] = checkVulkanParts("linux", parts);
      assert.deepEqual(others, []);
      assert.deepEqual([finding.subject, finding.found], [subject, found]);
      assert.deepEqual(checkVulkanParts("darwin", parts), []);
    }
    const [, { remedy }] = checkVulkanParts("linux", {
      loader: undefined,
      drivers: [],
      cudaLibrary: "/lib/libcuda.so.1",
      nvidiaLibrary: undefined,
    });
    assert.match(remedy!, /NVIDIA_DRIVER_CAPABILITIES=.*graphics/);
  });

  it("measure the free space", () => {
    const { found } = checkDisk(folder);
    assert.match(found, /^\d+\.\d GiB free$/);
  });

  it("try to write, and leave nothing behind", () => {
    const { ok } = checkWritable(join(folder, "a", "b"));
    assert.equal(ok, true);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });

  it("keep what was there before", () => {
    Deno.writeTextFileSync(join(folder, "keep"), "");
    assert.equal(checkWritable(folder).ok, true);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), [
      "keep",
    ]);
  });

  it("name a folder that cannot be written", () => {
    const file = join(folder, "file");
    Deno.writeTextFileSync(file, "");
    const { ok, found, remedy } = checkWritable(join(file, "runs"));
    assert.equal(ok, false);
    assert.notEqual(found, "");
    assert.equal(remedy, `make ${file}/runs writable for you`);
    assert.equal(Deno.statSync(file).isFile, true);
  });

  it("count the bundled photographs", async () => {
    assert.deepEqual(await checkPhotographs(), {
      ok: true,
      subject: "photographs",
      found: "9 bundled",
    });
  });
});

describe("doctor", () => {
  const doctor = (env: Record<string, string>) =>
    runProcess(Deno.execPath(), [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-write=runs,.cache",
      "--allow-sys=statfs",
      join(projectDirectory, "pipeline/cli.ts"),
      "doctor",
    ], { cwd: folder, env });

  it("prints one line for each thing and succeeds on this machine", async () => {
    const { code, stdout, stderr } = await doctor({});
    assert.equal(code, 0, stdout + stderr);
    const lines = stdout.trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => /^ok {7}([^:]+): \S/.exec(line)?.[1]),
      [
        "Deno",
        "driver",
        "adapter",
        "limits",
        "disk",
        "write runs/",
        "write .cache/",
        "photographs",
      ],
    );
  });

  it("says what to do when there is no adapter", async () => {
    const nowhere = join(folder, "nowhere.json");
    const { code, stdout } = await doctor({
      DENO_WEBGPU_BACKEND: "vulkan", // as the task has it
      VK_DRIVER_FILES: nowhere,
      VK_ICD_FILENAMES: nowhere,
    });
    assert.equal(code, 1);
    assert.match(stdout, /^problem {2}adapter: no WebGPU adapter; install /m);
  });
});
