import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  batchStatistics,
  normalizeDescriptors,
  runningStatistics,
} from "../../../gpu/ops/batch_norm.ts";
import { normalizeDescriptorsBackward } from "../../../gpu/ops/batch_norm_backward.ts";
import { checkGradient, dot } from "../../helpers/gpu/gradient_check.ts";
import {
  assertNear,
  assertSameBits,
  assertZero,
  exactTensor,
  firstSamples,
  openBench,
} from "../../helpers/gpu/gpu_op.ts";
import {
  batchNormBackward,
  batchNormForward,
  batchStatistics as twinStatistics,
  updatedRunningStatistics,
} from "../../reference/batch_norm.ts";
import {
  l2NormalizeBackward,
  l2NormalizeForward,
} from "../../reference/l2_normalize.ts";
import { type Tensor, tensorOf } from "../../reference/tensor.ts";

const { recorder, arena } = await openBench();

/** Rows [N, C] as blocks [N/32, C, 32]; what pads the last block holds `padding`. */
function toBlocks({ shape, data }: Tensor, all: number, padding: number) {
  const channels = shape[1];
  const blocks = new Float32Array(Math.ceil(all / 32) * 32 * channels)
    .fill(padding);
  data.forEach((value, at) => {
    const [n, c] = [Math.floor(at / channels), at % channels];
    blocks[((n >> 5) * channels + c) * 32 + n % 32] = value;
  });
  return blocks;
}

function fromBlocks(blocks: Float32Array, [rows, channels]: readonly number[]) {
  return Float64Array.from(
    { length: rows * channels },
    (_, at) => {
      const [n, c] = [Math.floor(at / channels), at % channels];
      return blocks[((n >> 5) * channels + c) * 32 + n % 32];
    },
  );
}

/** z [all, C] with a mean and a spread of its own for every channel, and tensors to work on. */
function problem(all: number, channels: number) {
  const z = exactTensor(`z ${channels}`, [all, channels]);
  z.data.forEach((value, at) => {
    const c = at % channels;
    z.data[at] = Math.fround(value * (0.1 + c / channels) + c % 7 - 3);
  });
  const running = exactTensor(`running ${channels}`, [2, channels], 0.1, 1);
  const blocks = [Math.ceil(all / 32), channels, 32];
  const rows = arena.tensorOf("z", z.shape as number[], floats(z));
  const tensor = (label: string, shape: number[]) => arena.tensor(label, shape);
  return {
    z,
    running,
    gpu: {
      z: rows,
      statistics: tensor("statistics", [2, channels]),
      running: arena.tensorOf("running", [2, channels], floats(running)),
      descriptors: tensor("descriptors", blocks),
      norm: tensor("norm", [all]),
      descriptorGradient: tensor("descriptor gradient", blocks),
      sums: tensor("sums", [2, channels]),
      dz: tensor("dz", [all, channels]),
    },
  };
}

function floats({ data }: Tensor): Float32Array {
  return Float32Array.from(data);
}

const wide = problem(136, 128);
const narrow = problem(24, 16);

for (
  const [{ z, running, gpu }, count] of [
    [wide, 131],
    [wide, 67],
    [narrow, 24],
    [narrow, 3],
  ] as const
) {
  const [all, channels] = z.shape;
  const present = firstSamples(z, count);
  const gradient = exactTensor(`de ${count}`, [count, channels]);
  const twin = () =>
    l2NormalizeForward(batchNormForward(present, twinStatistics(present)));

  describe(`BatchNorm and L2 normalisation of ${count} of ${all} rows of ${channels}`, () => {
    it("take the batch's statistics and move the running ones", async () => {
      gpu.running.write(floats(running));
      batchStatistics(recorder, gpu, count);
      recorder.submit();
      const { mean, variance } = twinStatistics(present);
      const values = await gpu.statistics.readFloats();
      assertNear("mean", values.subarray(0, channels), mean.data, 1e-6);
      assertNear(
        "inverse deviation",
        values.subarray(channels),
        variance.data.map((v) => 1 / Math.sqrt(v + 1e-5)),
      );
      const before = {
        mean: tensorOf([channels], running.data.subarray(0, channels)),
        variance: tensorOf([channels], running.data.subarray(channels)),
      };
      const after = updatedRunningStatistics(before, present);
      const moved = await gpu.running.readFloats();
      assertNear("running mean", moved.subarray(0, channels), after.mean.data);
      assertNear(
        "running variance",
        moved.subarray(channels),
        after.variance.data,
      );
    });

    it("give the twin's descriptors", async () => {
      const run = async () => {
        batchStatistics(recorder, gpu, count);
        normalizeDescriptors(recorder, gpu);
        recorder.submit();
        return await gpu.descriptors.readFloats();
      };
      const blocks = await run();
      const rows = fromBlocks(blocks, [count, channels]);
      assertNear("descriptors", rows, twin().data);
      assertSameBits("second run", await run(), blocks);
      const standardized = batchNormForward(present, twinStatistics(present));
      const norms = Float64Array.from(
        { length: count },
        (_, n) =>
          Math.hypot(
            ...standardized.data.subarray(n * channels, (n + 1) * channels),
          ),
      );
      assertNear("norm", await gpu.norm.readFloats(0, count), norms);
    });

    it("have the twin's gradient, zero in rows that pad the batch", async () => {
      const run = async (padding: number) => {
        gpu.dz.write(new Float32Array(gpu.dz.size).fill(7));
        gpu.descriptorGradient.write(toBlocks(gradient, all, padding));
        batchStatistics(recorder, gpu, count);
        normalizeDescriptors(recorder, gpu);
        normalizeDescriptorsBackward(recorder, gpu, count);
        recorder.submit();
        return await gpu.dz.readFloats();
      };
      const values = await run(0);
      const [own, rest] = [
        values.subarray(0, count * channels),
        values.subarray(count * channels),
      ];
      const standardized = batchNormForward(present, twinStatistics(present));
      const upstream = l2NormalizeBackward(gradient, standardized);
      const expected = batchNormBackward(upstream, present);
      assertNear("∂z", own, expected.data);
      assertZero("∂z of padding rows", rest);
      checkGradient(
        "z",
        () => dot(twin(), gradient),
        present,
        tensorOf([count, channels], own),
        {
          step: 1e-6,
          stride: Math.floor(count * channels / 9) - 1,
          tolerance: 1e-3,
        },
      );
      // What the gradient holds in padding rows is nobody's business.
      assertSameBits("with other padding", await run(3), values);
    });

    it("have the twin's gradient through the rows' lengths as well", async () => {
      const lengths = exactTensor(`dn ${count}`, [count]);
      gpu.descriptorGradient.write(toBlocks(gradient, all, 0));
      batchStatistics(recorder, gpu, count);
      normalizeDescriptors(recorder, gpu);
      const normGradient = arena.tensorOf("dn", [count], floats(lengths));
      const tensors = { ...gpu, normGradient };
      normalizeDescriptorsBackward(recorder, tensors, count);
      recorder.submit();
      const values = await gpu.dz.readFloats();
      const standardized = batchNormForward(present, twinStatistics(present));
      const upstream = l2NormalizeBackward(gradient, standardized);
      l2NormalizeForward(standardized).data.forEach((value, at) => {
        upstream.data[at] += value * lengths.data[Math.floor(at / channels)];
      });
      const expected = batchNormBackward(upstream, present);
      const own = values.subarray(0, count * channels);
      assertNear("∂z", own, expected.data);
      assertZero("∂z of padding rows", values.subarray(count * channels));
      const evaluate = () => {
        const rows = batchNormForward(present, twinStatistics(present));
        let sum = dot(l2NormalizeForward(rows), gradient);
        for (let n = 0; n < count; n++) {
          const row = rows.data.subarray(n * channels, (n + 1) * channels);
          sum += lengths.data[n] * Math.hypot(...row);
        }
        return sum;
      };
      checkGradient("z", evaluate, present, tensorOf([count, channels], own), {
        step: 1e-6,
        stride: Math.floor(count * channels / 9) - 1,
        tolerance: 1e-3,
      });
    });
  });
}

describe("a batch of 16,640 rows", () => {
  it("has the twin's gradient to the last of them", async () => {
    const { z, gpu } = problem(16_640, 128);
    const gradient = exactTensor("de", z.shape as number[]);
    gpu.descriptorGradient.write(toBlocks(gradient, z.shape[0], 0));
    batchStatistics(recorder, gpu, z.shape[0]);
    normalizeDescriptors(recorder, gpu);
    normalizeDescriptorsBackward(recorder, gpu, z.shape[0]);
    recorder.submit();
    const standardized = batchNormForward(z, twinStatistics(z));
    const upstream = l2NormalizeBackward(gradient, standardized);
    const expected = batchNormBackward(upstream, z);
    assertNear("∂z", await gpu.dz.readFloats(), expected.data);
  });
});

describe("inference", () => {
  it("normalises with the running statistics, which stay", async () => {
    const { z, running, gpu } = narrow;
    const channels = z.shape[1];
    gpu.running.write(floats(running));
    runningStatistics(recorder, gpu);
    normalizeDescriptors(recorder, gpu);
    recorder.submit();
    const statistics = {
      mean: tensorOf([channels], running.data.subarray(0, channels)),
      variance: tensorOf([channels], running.data.subarray(channels)),
    };
    const expected = l2NormalizeForward(batchNormForward(z, statistics));
    const rows = fromBlocks(await gpu.descriptors.readFloats(), z.shape);
    assertNear("descriptors", rows, expected.data);
    assertSameBits(
      "running",
      await gpu.running.readFloats(),
      floats(running),
    );
  });

  it("leaves a row without length at zero", async () => {
    const { gpu } = problem(24, 16);
    const mean = floats(exactTensor("mean", [16]));
    gpu.running.write(Float32Array.of(...mean, ...new Array(16).fill(1)));
    gpu.z.write(mean, 5 * 16);
    runningStatistics(recorder, gpu);
    normalizeDescriptors(recorder, gpu);
    recorder.submit();
    const rows = fromBlocks(await gpu.descriptors.readFloats(), [24, 16]);
    assertZero("row 5", rows.subarray(5 * 16, 6 * 16));
    const sixth = rows.subarray(6 * 16, 7 * 16);
    assert.ok(Math.abs(Math.hypot(...sixth) - 1) < 1e-6);
  });
});
