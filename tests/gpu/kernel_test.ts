import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openGpu } from "../../gpu/device.ts";
import { assertGroups, kernel } from "../../gpu/kernel.ts";
import { Recorder } from "../../gpu/recorder.ts";
import { Tensor } from "../../gpu/tensor.ts";

const fill = `
@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(1)
fn main(@builtin(global_invocation_id) id: vec3<u32>) { out[id.x] = VALUE; }
`;

describe("kernel", () => {
  it("compiles a text once per device", async () => {
    using gpu = await openGpu();
    using other = await openGpu();
    const first = kernel(gpu, "fill", fill, { VALUE: 1 });
    assert.equal(kernel(gpu, "again", fill, { VALUE: 1 }), first);
    assert.notEqual(kernel(gpu, "fill", fill, { VALUE: 2 }), first);
    assert.notEqual(kernel(other, "fill", fill, { VALUE: 1 }), first);
  });

  it("is another one with other constants or included texts", async () => {
    using gpu = await openGpu();
    const source = `#include "text"\n${fill.replace("VALUE", "u32(VALUE)")}`;
    const compiled = [
      kernel(gpu, "fill", source, { VALUE: 1 }, { text: "// one" }),
      kernel(gpu, "fill", source, { VALUE: { f32: 1 } }, { text: "// one" }),
      kernel(gpu, "fill", source, { VALUE: 1 }, { text: "// two" }),
      kernel(gpu, "fill", source, { VALUE: 1, GROUP: 2 }, { text: "// two" }),
    ];
    assert.equal(new Set(compiled).size, compiled.length);
    const again = { text: ["//", "one"].join(" ") };
    assert.equal(kernel(gpu, "x", source, { VALUE: 1 }, again), compiled[0]);
  });

  it("has its compilation error thrown at the next read-back, in one line", async () => {
    using gpu = await openGpu();
    using tensor = new Tensor(gpu, "t", [4]);
    kernel(gpu, "crooked", fill.replace("VALUE", "nothing"));
    const failure = await tensor.read().then(() => undefined, (error) => error);
    assert.equal(failure.name, "GpuError");
    assert.match(
      failure.message,
      /^Cannot run on the GPU: (?=.*crooked)(?=.*nothing).*, wanted a valid command$/,
    );
    assert.doesNotMatch(failure.message, /\n/);
    // The first failure stays: later work does not run on a device that has failed.
    assert.throws(() => gpu.assertHealthy(), failure);
    assert.throws(() => kernel(gpu, "sound", fill, { VALUE: 3 }), failure);
  });

  it("compiles before it is used, if asked to, and tells then what is wrong", async () => {
    using gpu = await openGpu();
    const sound = kernel(gpu, "sound", fill, { VALUE: 1 });
    await sound.compile();
    const { pipeline } = sound;
    await sound.compile();
    assert.equal(sound.pipeline, pipeline);
    // An entry point of more threads than a group may have is a pipeline's mistake.
    const wrong = kernel(gpu, "wrong", fill.replace("(1)", "(99999)"), {
      VALUE: 1,
    });
    await wrong.compile();
    void wrong.pipeline;
    await gpu.device.queue.onSubmittedWorkDone();
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.throws(() => gpu.assertHealthy(), { name: "GpuError" });
  });

  it("has an error of the device's rules thrown by submit or the next read-back", async () => {
    using gpu = await openGpu();
    using recorder = new Recorder(gpu);
    using tensor = new Tensor(gpu, "t", [128]);
    const compiled = kernel(gpu, "fill", fill, { VALUE: 1 });
    await assert.rejects(async () => {
      // A binding must begin at a multiple of 64 elements.
      recorder.dispatch(compiled, [{ tensor, offset: 3, size: 64 }], [1]);
      recorder.submit();
      await tensor.read();
    }, (error: Error) => {
      assert.equal(error.name, "GpuError");
      assert.match(
        error.message,
        /^Cannot run on the GPU: .*offset \(?12\b.*$/i,
      );
      return true;
    });
  });
});

describe("assertGroups", () => {
  it("lets through what a dispatch may have", () => {
    assertGroups("fill", 1, 1, 1);
    assertGroups("fill", 65535, 1, 65535);
  });

  it("refuses too many, none and broken workgroups", () => {
    const refused: [[number, number, number], axis: string, found: string][] = [
      [[65536, 1, 1], "x", "65536"],
      [[1, 0, 1], "y", "0"],
      [[1, 1, 1.5], "z", "1.5"],
      [[NaN, 1, 1], "x", "NaN"],
    ];
    for (const [groups, axis, found] of refused) {
      assert.throws(() => assertGroups("fill", ...groups), {
        name: "GpuError",
        message:
          `Cannot run fill: workgroups along ${axis}: found ${found}, wanted 1 to 65535; use another batch size`,
      });
    }
  });
});
