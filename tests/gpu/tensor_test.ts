import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openGpu } from "../../gpu/device.ts";
import { Arena, Tensor } from "../../gpu/tensor.ts";
import { assertShape, assertSize } from "../../gpu/tensor_checks.ts";
import { itHasHalves } from "../helpers/gpu/runtime.ts";

const gpu = await openGpu();
const { description } = gpu.adapter;

describe("Tensor", () => {
  it("begins at zero and keeps what is written, of every type", async () => {
    using arena = new Arena(gpu);
    const tensor = arena.tensor("t", [2, 3]);
    assert.equal(tensor.size, 6);
    assert.equal(tensor.sizeBytes, 24);
    assert.deepEqual(await tensor.read(), new Float32Array(6));
    const values = [
      Float32Array.of(1.5, -0, NaN),
      Uint32Array.of(0, 1, 2 ** 32 - 1),
      Int32Array.of(-1, 0, 2 ** 31 - 1),
    ];
    for (const written of values) {
      const holder = arena.tensorOf("v", [written.length], written);
      assert.deepEqual(await holder.read(), written);
    }
  });

  it("writes and reads a part", async () => {
    using arena = new Arena(gpu);
    const tensor = arena.tensor("t", [6]);
    tensor.write(Float32Array.of(9, 1, 2, 9).subarray(1, 3), 3);
    assert.deepEqual(
      await tensor.readFloats(),
      Float32Array.of(0, 0, 0, 1, 2, 0),
    );
    assert.deepEqual(await tensor.readFloats(3, 2), Float32Array.of(1, 2));
    assert.deepEqual(await tensor.readFloats(4), Float32Array.of(2, 0));
  });

  it("refuses to write beyond its end, before the device hears of it", async () => {
    using tensor = new Tensor(gpu, "table", [2, 3]);
    for (
      const [count, offset, wanted] of [[7, 0, 6], [2, 5, 1], [1, 6, 0]]
    ) {
      assert.throws(() => tensor.write(new Float32Array(count), offset), {
        name: "GpuError",
        message:
          `Cannot write table: [2, 3]: found ${count} values at offset ${offset}, wanted at most ${wanted}`,
      });
    }
    assert.deepEqual(await tensor.read(), new Float32Array(6));
  });

  itHasHalves("keeps halves as they are written", async () => {
    const written = Float16Array.of(1.5, -0, NaN, 65504);
    using tensor = new Tensor(gpu, "halves", [4], { type: "f16" });
    tensor.write(written);
    assert.deepEqual(await tensor.read(), written);
  });

  itHasHalves(
    "takes two bytes an element of 16 bits, whole words in all",
    async () => {
      using arena = new Arena(gpu);
      const before = gpu.allocatedBytes;
      const halves = arena.tensor("halves", [3, 5], { type: "f16" });
      assert.equal(halves.elementBytes, 2);
      assert.equal(halves.sizeBytes, 32);
      assert.equal(gpu.allocatedBytes, before + 32);
      halves.write(Float16Array.of(1, 1 + 2 ** -10), 4);
      assert.deepEqual(
        await halves.readFloats(2, 6),
        Float32Array.of(0, 0, 1, 1 + 2 ** -10, 0, 0),
      );
      const wanted = "wanted even numbers of type f16";
      assert.throws(() => halves.write(new Float16Array(3)), {
        name: "GpuError",
        message:
          `Cannot write halves: [3, 5]: found 3 values at offset 0, ${wanted}`,
      });
      await assert.rejects(halves.read(3, 2), {
        name: "GpuError",
        message:
          `Cannot read halves: [3, 5]: found 2 values at offset 3, ${wanted}`,
      });
    },
  );

  it("refuses values of another type", () => {
    using tensor = new Tensor(gpu, "table", [4], { type: "f16" });
    assert.throws(() => tensor.write(new Float32Array(4)), {
      name: "GpuError",
      message:
        "Cannot write table: [4]: found a Float32Array, wanted values of type f16",
    });
  });

  it("refuses to be larger than one binding", () => {
    const limit = gpu.device.limits.maxStorageBufferBindingSize;
    const size = Math.floor(limit / 4) + 1;
    assert.throws(() => new Tensor(gpu, "huge", [size]), {
      name: "GpuError",
      message: `Cannot allocate huge: [${size}]: found ${
        size * 4
      } bytes, wanted at most ${limit} bytes in one binding; lower the batch size`,
    });
  });

  it("refuses to be larger than the driver's largest buffer", async () => {
    using small = await openGpu();
    small.largestBufferBytes = 1024;
    using fits = new Tensor(small, "fits", [256]);
    assert.equal(fits.bufferBytes, 1024);
    assert.throws(() => new Tensor(small, "huge", [257]), {
      name: "GpuError",
      message:
        "Cannot allocate huge: [257]: found 1028 bytes, wanted at most 1024 bytes in one buffer; lower the batch size",
    });
  });
});

describe("the memory budget", () => {
  it("refuses what exceeds it and counts what lives", async () => {
    using small = await openGpu({ memoryMib: 2 });
    assert.equal(small.budgetBytes, 2 * 2 ** 20);
    const first = new Tensor(small, "first", [2 ** 18]);
    const second = new Tensor(small, "second", [2 ** 18]);
    assert.equal(small.allocatedBytes, 2 ** 21);
    assert.throws(() => new Tensor(small, "third", [1]), {
      name: "GpuError",
      message:
        `Cannot allocate third: ${description}: found 3 MiB needed, wanted at most 2 MiB; raise gpu.memory_mib or lower batch_size`,
    });
    assert.equal(small.allocatedBytes, 2 ** 21);
    first[Symbol.dispose]();
    new Tensor(small, "third", [1])[Symbol.dispose]();
    second[Symbol.dispose]();
    assert.equal(small.allocatedBytes, 0);
    assert.equal(small.peakBytes, 2 ** 21);
  });

  it("gets back what an arena held", () => {
    const before = gpu.allocatedBytes;
    {
      using arena = new Arena(gpu);
      arena.tensor("a", [10]);
      arena.tensorOf("b", [2], Uint32Array.of(1, 2));
      assert.equal(arena.sizeBytes, 48);
      assert.equal(gpu.allocatedBytes, before + 48);
    }
    assert.equal(gpu.allocatedBytes, before);
  });
});

describe("assertShape and assertSize", () => {
  it("name the op, the tensor, what was found and what was wanted", () => {
    using tensor = new Tensor(gpu, "t", [2, 3]);
    assertShape("op", "x", tensor, [2, 3]);
    for (const wanted of [[3, 2], [2, 3, 1], [6]]) {
      assert.throws(() => assertShape("op", "x", tensor, wanted), {
        name: "GpuError",
        message: `Cannot run op: x: found shape [2, 3], wanted [${
          wanted.join(", ")
        }]`,
      });
    }
    using halves = new Tensor(gpu, "h", [2], { type: "f16" });
    assertShape("op", "x", halves, [2], ["f32", "f16"]);
    assert.throws(() => assertShape("op", "x", halves, [2]), {
      name: "GpuError",
      message:
        "Cannot run op: x: found elements of type f16, wanted f32, u32, i32",
    });
    assertSize("op", "x", tensor, 6);
    assert.throws(() => assertSize("op", "x", tensor, 5), {
      name: "GpuError",
      message: "Cannot run op: x: found 6 elements, wanted 5",
    });
  });
});
