import assert from "node:assert/strict";
import { after, describe, it } from "@std/testing/bdd";
import { Gpu, openGpu } from "../../gpu/device.ts";
import { GpuMemoryError } from "../../gpu/errors.ts";
import { kernel } from "../../gpu/kernel.ts";
import { Recorder } from "../../gpu/recorder.ts";
import { RowTexture } from "../../gpu/rows/row_texture.ts";
import { Tensor } from "../../gpu/tensor.ts";

const gpu = await openGpu();
after(() => gpu[Symbol.dispose]());

const source = `
@group(0) @binding(0) var x: texture_2d<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<vec4<f32>>;
@compute @workgroup_size(1)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  out[id.y * 3u + id.x] = textureLoad(x, id.xy, 0);
}
`;

describe("RowTexture", () => {
  it("gives kernels the values as they were written, row by row", async () => {
    using recorder = new Recorder(gpu);
    using rows = new RowTexture(gpu, "rows", 5, 12);
    using out = new Tensor(gpu, "out", [5, 12]);
    const values = Float32Array.from(
      { length: 60 },
      (_, i) => (i % 2 === 0 ? 1 : -1) * (1 + i / 7) * 10 ** (i - 30),
    );
    rows.write(values);
    // The first rows only: the others stay.
    rows.write(values.subarray(24, 36));
    values.copyWithin(0, 24, 36);
    const load = kernel(gpu, "load", source);
    recorder.dispatch(load, [rows, out], [3, 5]);
    recorder.submit();
    assert.deepEqual(await out.read(), values);
  });

  it("counts against the memory budget while it lives", () => {
    const budgeted = new Gpu(gpu.device, gpu.adapter, 300);
    {
      using rows = new RowTexture(budgeted, "rows", 5, 12);
      assert.equal(rows.sizeBytes, 240);
      assert.equal(budgeted.allocatedBytes, 240);
      assert.throws(
        () => new RowTexture(budgeted, "more rows", 2, 8),
        (error) =>
          error instanceof GpuMemoryError &&
          error.message.startsWith("Cannot allocate more rows: "),
      );
    }
    assert.equal(budgeted.allocatedBytes, 0);
  });
});
