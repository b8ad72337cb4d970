import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { Convolution } from "../../../../gpu/convolution.ts";
import type { Gpu } from "../../../../gpu/device.ts";
import { conv3x3FirstFrnTluForward } from "../../../../gpu/ops/normalized/conv3x3_first_frn_tlu.ts";
import { Recorder } from "../../../../gpu/recorder.ts";
import { tilesOfClass } from "../../../../gpu/tiles.ts";
import {
  activationShape,
  fromActivations,
  nonzeroBorderElements,
  toBorderedPlanes,
  transposed,
} from "../../../helpers/gpu/activation_layout.ts";
import {
  assertFirstSamplesAlone,
  assertNear,
  assertSameBits,
  assertZero,
  openBench,
  slice,
  withTiles,
} from "../../../helpers/gpu/gpu_op.ts";
import {
  normalizedConvolution,
  twinOutput,
} from "../../../helpers/gpu/normalized_convolution.ts";
import { conv2dForward } from "../../../reference/conv2d.ts";

const { gpu, arena } = await openBench();

/** The device with the tiles of graphics cards, and with those of the software adapter. */
const card = withTiles(gpu, tilesOfClass.discrete);
const threadsAlone = withTiles(gpu, tilesOfClass.software);

describe("conv3x3FirstFrnTluForward by workgroups that hold a map", () => {
  for (
    const [samples, channels, size, border] of [[16, 12, 32, 1], [9, 4, 24, 0]]
  ) {
    it(`is the twin's, and to the bit what two kernels give: 1→${channels} at ${size}×${size}`, async () => {
      const convolution: Convolution = {
        inputChannels: 1,
        outputChannels: channels,
        size,
        stride: 1,
      };
      const problem = normalizedConvolution(arena, {
        convolution,
        samples,
      });
      const { x, weights, bias, spread, dy, norms, part } = problem;
      const run = async (on: Gpu, count: number, keep: boolean) => {
        using recorder = new Recorder(on);
        const tensors = {
          input: arena.tensorOf(
            "input",
            [samples, size + 2, size + 2],
            toBorderedPlanes(x),
          ),
          weights: slice(arena, transposed(weights.data, channels)),
          bias: part("bias"),
          x: arena.tensor("x", activationShape(dy.shape)),
          scale: arena.tensor("scale", [samples, channels / 4, 4]),
          y: arena.tensor("y", activationShape(dy.shape, border)),
        };
        const stems: string[] = [];
        const dispatch = recorder.dispatch.bind(recorder);
        recorder.dispatch = (kernel, ...rest) => {
          stems.push(kernel.label);
          dispatch(kernel, ...rest);
        };
        conv3x3FirstFrnTluForward(recorder, norms, tensors, count, keep);
        recorder.submit();
        return {
          stems,
          x: await tensors.x.readFloats(),
          scale: await tensors.scale.readFloats(),
          y: await tensors.y.readFloats(),
        };
      };
      const found = await run(card, samples, true);
      assert.equal(found.stems.length, 1);
      const convolved = conv2dForward(x, weights, bias, spread);
      assertNear("x", fromActivations(found.x, dy.shape).data, convolved.data);
      const y = fromActivations(found.y, dy.shape, border);
      assertNear("y", y.data, twinOutput(convolved, problem).data);
      assert.equal(nonzeroBorderElements(found.y, dy.shape, border), 0);
      const again = await run(card, samples, true);
      const apart = await run(threadsAlone, samples, true);
      assert.equal(apart.stems.length, 2);
      for (const name of ["x", "scale", "y"] as const) {
        assertSameBits(`${name} again`, again[name], found[name]);
        assertSameBits(`${name} of two kernels`, apart[name], found[name]);
      }
      const some = await run(card, 8, false);
      assertFirstSamplesAlone(some.y, found.y, found.y.length * 8 / samples, 0);
      assertZero("x that nobody wants", some.x);
      assertZero("scale that nobody wants", some.scale);
    });
  }
});
