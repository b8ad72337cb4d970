import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { activate } from "../../../gpu/ops/inference/activate.ts";
import { convValidForward } from "../../../gpu/ops/inference/conv_valid.ts";
import { maxPool } from "../../../gpu/ops/inference/max_pool.ts";
import { normalizePatches } from "../../../gpu/ops/inference/normalize_patch.ts";
import { tanhDescriptors } from "../../../gpu/ops/inference/tanh_descriptor.ts";
import {
  activationShape,
  fromActivations,
  fromBorderedPlanes,
  nonzeroBorderElements,
  toActivations,
  transposed,
} from "../../helpers/gpu/activation_layout.ts";
import {
  assertNear,
  assertSameBits,
  assertZero,
  exactTensor,
  firstSamples,
  openBench,
  slice,
  whole,
} from "../../helpers/gpu/gpu_op.ts";
import { conv2dForward } from "../../reference/conv2d.ts";
import {
  mapped,
  maxPool2,
  normalizePatch,
} from "../../reference/inference_ops.ts";
import { tensorOf } from "../../reference/tensor.ts";

const { recorder, otherTiles, arena } = await openBench();
const capacity = 16;
const count = 8;

describe("normalizePatches", () => {
  const kinds = {
    "by the sample deviation": {
      kind: "patch",
      divisor: 1023,
      underRoot: 0,
      besideRoot: 1e-7,
    },
    "by the root of variance and ε": {
      kind: "patch",
      divisor: 1024,
      underRoot: 1e-5,
      besideRoot: 0,
    },
    "by mean and deviation of a set": {
      kind: "set",
      mean: 0.25,
      deviation: 0.5,
    },
  } as const;
  for (const [title, kind] of Object.entries(kinds)) {
    for (const border of [0, 1]) {
      it(`is the twin's ${title}, border ${border}, for the samples asked for`, async () => {
        const shape = [capacity, 1, 32, 32];
        const x = exactTensor(`patches ${title}`, shape, 0, 255);
        // One patch without any contrast, one with next to none.
        x.data.fill(100, 1024, 2048);
        for (let at = 2048; at < 3072; at++) x.data[at] = 100 + at % 2;
        const side = 32 + 2 * border;
        const gpu = {
          x: whole(arena.tensorOf("x", shape, Float32Array.from(x.data))),
          y: arena.tensor("y", [capacity, side, side]),
        };
        const unit = 1 / 256;
        normalizePatches(recorder, kind, gpu, { count, size: 32, unit });
        recorder.submit();
        const all = await gpu.y.readFloats();
        assertZero("the rest", all.subarray(count * side * side));
        const expected = normalizePatch(mapped(x, (v) => v * unit), kind);
        const some = firstSamples(expected, count);
        const { inner, nonzeroBorder } = border === 1
          ? fromBorderedPlanes(all, shape)
          : { inner: tensorOf(shape, all), nonzeroBorder: 0 };
        assertNear("y", firstSamples(inner, count).data, some.data);
        assert.equal(nonzeroBorder, 0);
      });
    }
  }
});

describe("activate", () => {
  for (const kind of ["relu", "tanh"] as const) {
    for (const [channels, size, border] of [[8, 8, 1], [12, 13, 0]]) {
      it(`is the twin's ${kind} of ${channels} maps of ${size}×${size}, border ${border}`, async () => {
        const shape = [capacity, channels, size, size];
        const x = exactTensor(`x ${kind} ${size}`, shape, -9, 9);
        x.data.set([0, 200, -200, 1e-6]);
        const gpu = {
          x: arena.tensorOf("x", activationShape(shape), toActivations(x)),
          y: arena.tensor("y", activationShape(shape, border)),
        };
        activate(recorder, kind, gpu, count);
        recorder.submit();
        const all = await gpu.y.readFloats();
        assertZero("the rest", all.subarray(all.length * count / capacity));
        const of = kind === "relu"
          ? (value: number) => Math.max(value, 0)
          : Math.tanh;
        const y = fromActivations(all, shape, border);
        assertNear(
          "y",
          firstSamples(y, count).data,
          firstSamples(mapped(x, of), count).data,
          1e-6,
        );
        assert.equal(nonzeroBorderElements(all, shape, border), 0);
      });
    }
  }

  it("refuses maps of another shape", () => {
    const x = arena.tensor("x", [8, 2, 8, 8, 4]);
    const y = arena.tensor("y", [8, 2, 9, 9, 4]);
    assert.throws(() => activate(recorder, "relu", { x, y }, 8), {
      name: "GpuError",
      message:
        "Cannot run activate: y: found shape [8, 2, 9, 9, 4], wanted [8, 2, 10, 10, 4]",
    });
  });
});

describe("maxPool", () => {
  it("is the twin's, for the samples asked for", async () => {
    const shape = [capacity, 12, 10, 10];
    const x = exactTensor("pooled", shape);
    const gpu = {
      x: arena.tensorOf("x", activationShape(shape), toActivations(x)),
      y: arena.tensor("y", activationShape([capacity, 12, 5, 5])),
    };
    maxPool(recorder, gpu, count);
    recorder.submit();
    const all = await gpu.y.readFloats();
    assertZero("the rest", all.subarray(all.length / 2));
    const expected = maxPool2(x);
    const y = fromActivations(all, expected.shape);
    assert.deepEqual(
      [...firstSamples(y, count).data],
      [...firstSamples(expected, count).data],
    );
  });

  it("refuses an odd number of rows", () => {
    const x = arena.tensor("x", [8, 2, 9, 9, 4]);
    const y = arena.tensor("y", [8, 2, 4, 4, 4]);
    assert.throws(() => maxPool(recorder, { x, y }, 8), {
      message:
        "Cannot run maxPool: x: found shape [8, 2, 9, 9, 4], wanted [8, 2, 8, 8, 4]",
    });
  });
});

describe("convValidForward", () => {
  const cases = [
    { inputs: 1, outputs: 32, size: 10, side: 7 },
    { inputs: 8, outputs: 16, size: 8, side: 6 },
    { inputs: 4, outputs: 48, size: 5, side: 3 },
  ];
  for (const { inputs, outputs, size, side } of cases) {
    it(`is the twin's for ${side}×${side}, ${inputs}→${outputs} at ${size}×${size}, whatever the tiles`, async () => {
      const input = size + side - 1;
      const x = exactTensor(`x ${side}`, [capacity, inputs, input, input]);
      const weight = exactTensor(`w ${side}`, [outputs, inputs, side, side]);
      const bias = exactTensor(`b ${side}`, [outputs]);
      const shape = [capacity, outputs, size, size];
      const gpu = () => ({
        x: inputs === 1
          ? arena.tensorOf(
            "x",
            [capacity, input, input],
            Float32Array.from(x.data),
          )
          : arena.tensorOf("x", activationShape(x.shape), toActivations(x)),
        weights: slice(arena, transposed(weight.data, outputs)),
        bias: slice(arena, bias.data),
        y: arena.tensor("y", activationShape(shape)),
      });
      const [tensors, others] = [gpu(), gpu()];
      convValidForward(recorder, side, tensors, count);
      convValidForward(otherTiles, side, others, count);
      recorder.submit();
      otherTiles.submit();
      const all = await tensors.y.readFloats();
      assertSameBits("other tiles", await others.y.readFloats(), all);
      assertZero("the rest", all.subarray(all.length / 2));
      const expected = conv2dForward(x, weight, bias, {
        stride: 1,
        padding: 0,
      });
      assertNear(
        "y",
        firstSamples(fromActivations(all, shape), count).data,
        firstSamples(expected, count).data,
      );
    });
  }

  it("refuses weights of another size", () => {
    const x = arena.tensor("x", [8, 38, 38]);
    const y = arena.tensor("y", [8, 8, 32, 32, 4]);
    const weights = slice(arena, new Float32Array(32));
    const tensors = { x, y, weights, bias: weights };
    assert.throws(() => convValidForward(recorder, 7, tensors, 8), {
      message:
        "Cannot run convValidForward: weights: found 32 elements, wanted 1568",
    });
  });
});

describe("tanhDescriptors", () => {
  it("is the twin's, in blocks of 32 samples", async () => {
    const all = 40;
    const z = exactTensor("z", [all, 128], -4, 4);
    const bias = exactTensor("bias", [128]);
    const gpu = {
      z: arena.tensorOf("z", z.shape, Float32Array.from(z.data)),
      bias: slice(arena, bias.data),
      descriptors: arena.tensor("descriptors", [2, 128, 32]),
    };
    tanhDescriptors(recorder, gpu);
    recorder.submit();
    const blocks = await gpu.descriptors.readFloats();
    const expected = new Float64Array(2 * 128 * 32);
    z.data.forEach((value, at) => {
      const [n, c] = [Math.floor(at / 128), at % 128];
      expected[((n >> 5) * 128 + c) * 32 + n % 32] = Math.tanh(
        value + bias.data[c],
      );
    });
    assertNear("descriptors", blocks, expected, 1e-6);
  });

  it("refuses descriptors of another shape", () => {
    const z = arena.tensor("z", [32, 128]);
    const bias = slice(arena, new Float32Array(128));
    const descriptors = arena.tensor("descriptors", [2, 128, 32]);
    assert.throws(() => tanhDescriptors(recorder, { z, bias, descriptors }), {
      message:
        "Cannot run tanhDescriptors: descriptors: found shape [2, 128, 32], wanted [1, 128, 32]",
    });
  });
});
