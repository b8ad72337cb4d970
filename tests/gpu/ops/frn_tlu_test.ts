import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { accumulate } from "../../../gpu/sums/accumulate.ts";
import { type Dropout, mapThreads } from "../../../gpu/normalization.ts";
import { frnEpsilon, frnTluForward } from "../../../gpu/ops/frn_tlu.ts";
import { frnTluBackward } from "../../../gpu/ops/frn_tlu_backward.ts";
import type { Recorder } from "../../../gpu/recorder.ts";
import { tilesOfClass } from "../../../gpu/tiles.ts";
import {
  activationShape,
  fromActivations,
  nonzeroBorderElements,
  toActivations,
} from "../../helpers/gpu/activation_layout.ts";
import { checkGradient, dot } from "../../helpers/gpu/gradient_check.ts";
import {
  assertNear,
  assertSameBits,
  assertZero,
  dropoutMask,
  exactTensor,
  openBench,
  whole,
} from "../../helpers/gpu/gpu_op.ts";
import { dropout as twinDropout } from "../../reference/dropout.ts";
import { frnBackward, frnForward } from "../../reference/frn.ts";
import { type Tensor, tensorOf } from "../../reference/tensor.ts";
import { tluBackward, tluForward } from "../../reference/tlu.ts";

const { gpu: device, recorder, otherTiles, arena } = await openBench();

/** One normalisation: its parameters, the twin's results and everything on the GPU. */
function problem(shape: number[], border: number, dropout?: Dropout) {
  const [capacity, channels, size] = shape;
  const name = `frn ${channels} ${size}`;
  const x = exactTensor(`x ${name}`, shape, -2, 2);
  const dy = exactTensor(`dy ${name}`, shape);
  const gamma = exactTensor(`γ ${name}`, [channels], 0.5, 1.5);
  const beta = exactTensor(`β ${name}`, [channels], -0.3, 0.3);
  const tau = exactTensor(`τ ${name}`, [channels], -0.8, 0.2);
  const mask = dropout === undefined ? undefined : dropoutMask(
    dropout.stream,
    dropout.rate,
    shape,
    dropout.firstSample,
  );
  const rate = Math.fround(dropout?.rate ?? 0);
  const dropped = (tensor: Tensor) =>
    mask === undefined ? tensor : twinDropout(tensor, mask, rate);
  const twin = () =>
    dropped(tluForward(frnForward(x, gamma, beta, frnEpsilon), tau));
  const slice = ({ data }: Tensor) =>
    whole(arena.tensorOf("parameter", [channels], Float32Array.from(data)));
  return {
    x,
    dy,
    gamma,
    beta,
    tau,
    border,
    dropout,
    dropped,
    twin,
    parameters: { gamma: slice(gamma), beta: slice(beta), tau: slice(tau) },
    gpu: {
      x: arena.tensorOf("x", activationShape(shape), toActivations(x)),
      scale: arena.tensor("scale", [capacity, channels / 4, 4]),
      y: arena.tensor("y", activationShape(shape, border)),
      dy: arena.tensorOf("dy", activationShape(shape), toActivations(dy)),
      dx: arena.tensor("dx", activationShape(shape, 1)),
      partial: whole(arena.tensor("partial", [capacity, 4, channels])),
    },
  };
}
type Problem = ReturnType<typeof problem>;

function twinGradients({ x, dy, gamma, beta, tau, dropped }: Problem) {
  const z = frnForward(x, gamma, beta, frnEpsilon);
  const tlu = tluBackward(dropped(dy), z, tau);
  const frn = frnBackward(tlu.inputGradient, x, gamma, frnEpsilon);
  const area = x.shape[2] * x.shape[3];
  const bias = new Float64Array(x.shape[1]);
  frn.inputGradient.data.forEach((value, at) => {
    bias[Math.floor(at / area) % x.shape[1]] += value;
  });
  return {
    x: frn.inputGradient,
    gamma: frn.scaleGradient,
    beta: frn.offsetGradient,
    tau: tlu.thresholdGradient,
    bias,
  };
}

const stream = { a: 3, b: 5, c: 8 };
const withDropout = { rate: 0.3, stream, firstSample: 16 };
const problems: [string, Problem][] = [
  ["16 channels, 8×8, with a border", problem([8, 16, 8, 8], 1)],
  [
    "48 channels, 8×8, dropout from sample 16 on",
    problem([24, 48, 8, 8], 0, withDropout),
  ],
  ["16 channels, 32×32, with a border", problem([8, 16, 32, 32], 1)],
];

for (const [name, problem] of problems) {
  const { x, dy, gamma, beta, tau, border, dropout, twin, parameters, gpu } =
    problem;
  const [capacity, channels] = x.shape;
  describe(`FRN and TLU of ${name}`, () => {
    it("are the twin's, for the samples asked for", async () => {
      frnTluForward(recorder, parameters, gpu, 8, dropout);
      recorder.submit();
      const some = await gpu.y.readFloats();
      const perSample = some.length / capacity;
      assertZero("the rest", some.subarray(8 * perSample));
      frnTluForward(recorder, parameters, gpu, capacity, dropout);
      recorder.submit();
      const all = await gpu.y.readFloats();
      assertSameBits(
        "second run",
        all.subarray(0, 8 * perSample),
        some.subarray(0, 8 * perSample),
      );
      const y = fromActivations(all, x.shape, border);
      assertNear("y", y.data, twin().data);
      assert.equal(nonzeroBorderElements(all, x.shape, border), 0);
    });

    it("have the twin's gradients", async () => {
      const run = async () => {
        const gradients = arena.tensor("totals", [4, channels]);
        const totals = [0, 1, 2, 3].map((k) => ({
          tensor: gradients,
          offset: k * channels,
          size: channels,
        }));
        frnTluForward(recorder, parameters, gpu, capacity, dropout);
        frnTluBackward(recorder, parameters, gpu, capacity, dropout);
        const { partial } = gpu;
        accumulate(recorder, [{ partial, totals, parts: capacity }]);
        recorder.submit();
        return [
          await gpu.dx.readFloats(),
          ...await Promise.all(
            totals.map(({ offset, size }) =>
              gradients.readFloats(offset, size)
            ),
          ),
        ];
      };
      const results = await run();
      for (const [at, values] of (await run()).entries()) {
        assertSameBits("second run", values, results[at]);
      }
      const [bordered, dGamma, dBeta, dTau, dBias] = results;
      const dx = fromActivations(bordered, x.shape, 1);
      assert.equal(nonzeroBorderElements(bordered, x.shape, 1), 0);
      const expected = twinGradients(problem);
      assertNear("∂x", dx.data, expected.x.data);
      assertNear("∂γ", dGamma, expected.gamma.data);
      assertNear("∂β", dBeta, expected.beta.data);
      assertNear("∂τ", dTau, expected.tau.data);
      assertNear("∂bias", dBias, expected.bias);
      const loss = () => dot(twin(), dy);
      const options = { step: 1e-6, tolerance: 1e-3 };
      for (
        const [what, argument, values] of [
          ["γ", gamma, dGamma],
          ["β", beta, dBeta],
          ["τ", tau, dTau],
        ] as const
      ) {
        const gradient = tensorOf([channels], values);
        checkGradient(what, loss, argument, gradient, {
          ...options,
          stride: 5,
        });
      }
      const stride = Math.floor(x.data.length / 12) - 1;
      checkGradient("x", loss, x, dx, { ...options, stride });
    });
  });
}

describe("FRN and TLU by a thread for each row of a map", () => {
  for (const size of [8, 16, 32]) {
    for (const dropout of [undefined, withDropout]) {
      const title = dropout === undefined ? "" : ", with dropout";
      it(`give the bits of a thread for each map, ${size}×${size}${title}`, async () => {
        const { parameters, gpu: tensors } = problem(
          [16, 32, size, size],
          1,
          dropout,
        );
        const run = async (on: Recorder) => {
          on.clear(tensors.y);
          on.clear(tensors.dx);
          on.clear(tensors.partial.tensor);
          frnTluForward(on, parameters, tensors, 16, dropout);
          frnTluBackward(on, parameters, tensors, 16, dropout);
          on.submit();
          return {
            y: await tensors.y.readFloats(),
            scale: await tensors.scale.readFloats(),
            dx: await tensors.dx.readFloats(),
            partial: await tensors.partial.tensor.readFloats(),
          };
        };
        assert.notEqual(device.tiles.mapRows, otherTiles.gpu.tiles.mapRows);
        const own = await run(recorder);
        const others = await run(otherTiles);
        for (const name of ["y", "scale", "dx", "partial"] as const) {
          assert.ok(own[name].some((value) => value !== 0), name);
          assertSameBits(name, others[name], own[name]);
        }
      });
    }
  }

  it("is left to a thread for each map where workgroups do not hold whole maps", () => {
    const { discrete, software } = tilesOfClass;
    const most = discrete.group;
    const rows = { byRows: true, threads: 64 * 16, most };
    assert.deepEqual(mapThreads(discrete, 64, 16), rows);
    for (const [maps, side] of [[64, 5], [64, 2], [3, 16]]) {
      const whole = { byRows: false, threads: maps, most };
      assert.deepEqual(mapThreads(discrete, maps, side), whole);
    }
    assert.equal(mapThreads(software, 64, 8).byRows, false);
  });
});

describe("FRN and TLU of maps of zeros", () => {
  it("are max(β, τ), and have gradients as large as ε allows", async () => {
    const zero = problem([8, 16, 8, 8], 1);
    zero.x.data.fill(0);
    zero.gpu.x.write(new Float32Array(zero.gpu.x.size));
    frnTluForward(recorder, zero.parameters, zero.gpu, 8);
    frnTluBackward(recorder, zero.parameters, zero.gpu, 8);
    recorder.submit();
    const y = fromActivations(await zero.gpu.y.readFloats(), zero.x.shape, 1);
    assertNear("y", y.data, zero.twin().data);
    const dx = fromActivations(await zero.gpu.dx.readFloats(), zero.x.shape, 1);
    assertNear("∂x", dx.data, twinGradients(zero).x.data);
  });
});

describe("dropout", () => {
  const [, { x, parameters, gpu }] = problems[1];
  const run = async (firstSample: number, rate: number, count: number) => {
    const dropout = { rate, stream, firstSample };
    frnTluForward(recorder, parameters, gpu, count, dropout);
    recorder.submit();
    return await gpu.y.readFloats();
  };

  it("drops about its share and scales the rest up", async () => {
    const kept = await run(0, 0.3, 24);
    const plain = tluForward(
      frnForward(x, problems[1][1].gamma, problems[1][1].beta, frnEpsilon),
      problems[1][1].tau,
    );
    const values = fromActivations(kept, x.shape).data;
    const dropped = values.filter((v) => v === 0).length / values.length;
    assert.ok(Math.abs(dropped - 0.3) < 0.01, `${dropped} dropped`);
    const scaled = plain.data.map((v, at) => values[at] === 0 ? 0 : v / 0.7);
    assertNear("y", values, scaled);
  });

  it("depends on a sample's place in the whole batch only", async () => {
    // The same mask, seen in which elements are exactly zero, at place 8 of one batch and place 0 of the next.
    const perSample = 48 * 64;
    const zeros = (values: Float32Array) =>
      Array.from(values, (value) => value === 0);
    const whole = zeros(await run(0, 0.3, 24));
    const shifted = zeros(await run(8, 0.3, 16));
    const first = zeros(await run(0, 0.3, 16)).slice(0, 16 * perSample);
    assert.deepEqual(
      shifted.slice(0, 16 * perSample),
      whole.slice(8 * perSample),
    );
    assert.deepEqual(first, whole.slice(0, 16 * perSample));
    assert.notDeepEqual(first, shifted.slice(0, 16 * perSample));
  });
});
