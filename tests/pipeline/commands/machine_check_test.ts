import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { encodePng } from "../../../data/mod.ts";
import { collage } from "../../helpers/data/test_images.ts";
import { projectDirectory, runCli } from "../../helpers/command_line.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

const smoke = join(projectDirectory, "configs/smoke.toml");

/** A machine with drivers for Vulkan, as the tasks have it, and none of them usable. */
const withoutAdapter = {
  DENO_WEBGPU_BACKEND: "vulkan",
  VK_DRIVER_FILES: "/nonexistent",
  VK_ICD_FILENAMES: "/nonexistent",
};

const noAdapter =
  /^(warning: )?Cannot open a GPU: found no WebGPU adapter, wanted a Vulkan, Metal or Direct3D 12 driver; install .*$/m;

/** Ten million keypoints of a thousand views: 41 TB, and as much in the run folder. */
const tooMuch = [
  "--set=download.patch_sets=10_000_000",
  "--set=download.views=1000",
];
const noRoom =
  /^(warning: )?Cannot store the results of smoke: .+: found [\d.]+ [MGT]B free, wanted up to 82 TB; free some space; \.\/run plan says what takes how much$/m;

function nothingRan() {
  assert.throws(
    () => Deno.statSync(join(folder, "runs/smoke/download")),
    Deno.errors.NotFound,
  );
}

describe("a machine without a GPU", () => {
  it("is told of by status and plan", async () => {
    for (const args of [["status"], ["explain"], ["plan", "--no-probe"]]) {
      const [command, ...flags] = args;
      const { code, stderr } = await runCli([command, smoke, ...flags], {
        cwd: folder,
        env: withoutAdapter,
      });
      assert.equal(code, command === "plan" ? 0 : 1, stderr);
      assert.match(stderr, noAdapter);
    }
  });

  it("ends reproduce before anything is downloaded", async () => {
    const { code, stderr } = await runCli(["reproduce", smoke], {
      cwd: folder,
      env: withoutAdapter,
    });
    assert.equal(code, 2, stderr);
    assert.match(stderr, noAdapter);
    assert.doesNotMatch(stderr, /download: runs/);
    nothingRan();
  });

  it("can do what needs none", async () => {
    const photographs = join(folder, "photographs");
    Deno.mkdirSync(photographs);
    for (const name of ["a", "b"]) {
      const picture = encodePng(collage(300, 300, name.charCodeAt(0)));
      Deno.writeFileSync(join(photographs, `${name}.png`), picture);
    }
    const { code, stderr } = await runCli(
      [
        "reproduce",
        smoke,
        "--until=download",
        `--set=download.source_dir=${photographs}`,
      ],
      { cwd: folder, env: withoutAdapter },
    );
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, noAdapter);
  });
});

describe("a disk without enough room", () => {
  it("is told of by status and plan, and ends reproduce before anything is downloaded", async () => {
    for (const args of [["status"], ["plan", "--no-probe"], ["reproduce"]]) {
      const [command, ...flags] = args;
      const { code, stderr } = await runCli(
        [command, smoke, ...flags, ...tooMuch],
        { cwd: folder },
      );
      assert.equal(code, { status: 1, plan: 0, reproduce: 2 }[command], stderr);
      assert.match(stderr, noRoom);
    }
    nothingRan();
  });
});
