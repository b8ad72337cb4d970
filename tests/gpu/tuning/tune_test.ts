import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { Convolution } from "../../../gpu/convolution.ts";
import { Gpu, openGpu } from "../../../gpu/device.ts";
import { KernelWork } from "../../../gpu/tuning/kernel_work.ts";
import { Recorder } from "../../../gpu/recorder.ts";
import {
  sharedCandidates,
  wantedWorkgroupBytes,
} from "../../../gpu/tiles/shared_tile.ts";
import { tileCandidates } from "../../../gpu/tuning/tile_candidates.ts";
import {
  isReordered,
  type Tile,
  tileName,
  tileOf,
  tilesOfClass,
  tileText,
  twoKernels,
} from "../../../gpu/tiles.ts";
import { isEnd, type TiledKernel } from "../../../gpu/tiles/tile_sizes.ts";
import {
  fastest,
  type MeasuredTile,
  tuneTiles,
} from "../../../gpu/tuning/tune.ts";
import { chosenTiles, storedTiles } from "../../../gpu/tuning/tuned_choice.ts";
import {
  type TunedKernel,
  tunedKernels,
  tunedKernelsOf,
  tuningText,
} from "../../../gpu/tuning/tuned_kernels.ts";
import { assertSameBits } from "../../helpers/gpu/gpu_op.ts";
import { importMutated } from "../../helpers/mutated_modules.ts";
import { itOnDeno } from "../../helpers/gpu/runtime.ts";

const gpu = await openGpu({ timestamps: true });
const classes = Object.keys(tilesOfClass) as (keyof typeof tilesOfClass)[];

/** The kernel on the shape that is the last of its own: the one with the fewest pixels. */
function smallest(kernel: TiledKernel): TunedKernel {
  return tunedKernels.findLast((tuned) => tuned.kernel === kernel)!;
}

/** The candidates where workgroup memory is ample. */
function candidatesOf(
  deviceClass: keyof typeof tilesOfClass,
  kernel: TiledKernel,
  shape: Convolution,
) {
  return tileCandidates(deviceClass, kernel, shape, wantedWorkgroupBytes);
}

const kernels = [...new Set(tunedKernels.map(({ kernel }) => kernel))];

describe("tileCandidates", () => {
  it("begin with the standard tile and name none twice", () => {
    for (const deviceClass of classes) {
      const kernels = tunedKernelsOf(tilesOfClass[deviceClass]);
      for (const { kernel, shape, name } of kernels) {
        const { tiles, groups } = candidatesOf(deviceClass, kernel, shape);
        if (isEnd(kernel)) {
          assert.equal(tiles[1], twoKernels, name);
          assert.deepEqual(groups, []);
          continue;
        }
        const standard = tileOf(tilesOfClass[deviceClass], kernel, shape);
        assert.deepEqual(tiles[0], standard);
        const { group } = tilesOfClass[deviceClass];
        assert.equal(groups[0], group);
        for (const tile of tiles) {
          assert.ok(tile.shared !== undefined || tile.group === group);
        }
        assert.equal(new Set(tiles.map(tileText)).size, tiles.length, name);
        assert.equal(new Set(groups).size, groups.length);
        assert.ok(tiles.length > 1, `${name} on ${deviceClass}`);
      }
    }
  });

  it("let workgroups share on GPUs, or not, where that reorders no sum", () => {
    for (const deviceClass of ["integrated", "discrete"] as const) {
      const kernels = tunedKernelsOf(tilesOfClass[deviceClass]);
      for (const { kernel, shape, name } of kernels) {
        const { tiles } = candidatesOf(deviceClass, kernel, shape);
        const kinds = new Set(tiles.map(({ shared }) => shared !== undefined));
        const choosing = [
          ...deviceClass === "discrete" ? ["conv3x3"] : [],
          "dense_weight_gradient",
          "conv3x3_frn_tlu",
          "conv3x3_frn_tlu_backward",
        ];
        assert.equal(kinds.size, choosing.includes(kernel) ? 2 : 1, name);
      }
    }
  });

  it("fit every adapter's workgroups", () => {
    for (const deviceClass of classes) {
      const { kernel, shape } = smallest("dense");
      const { groups } = candidatesOf(deviceClass, kernel, shape);
      assert.ok(Math.max(...groups) <= 256);
    }
  });

  for (const kernel of kernels.filter((kernel) => !isEnd(kernel))) {
    it(`change no bit of ${kernel}`, async () => {
      const tuned = smallest(kernel);
      const own = new Gpu(gpu.device, gpu.adapter, Infinity);
      using work = new KernelWork(own, tuned, 8);
      using recorder = new Recorder(own);
      const run = async (tile: Tile) => {
        own.tiles = { ...gpu.tiles, chosen: new Map([[tuned.name, tile]]) };
        return await work.run(recorder);
      };
      const { shape } = tuned;
      const standard = tileOf(gpu.tiles, kernel, shape);
      const expected = await run(standard);
      assert.ok(expected.some((value) => value !== 0));
      assert.ok(work.isRight(expected));
      const tiles = new Map<string, Tile>();
      const alike = classes.filter((name) =>
        tunedKernelsOf(tilesOfClass[name]).includes(tuned) &&
        isReordered(tilesOfClass[name], kernel) ===
          isReordered(gpu.tiles, kernel)
      );
      for (const deviceClass of alike) {
        const candidates = candidatesOf(deviceClass, kernel, shape);
        // All kernels are cut into groups alike, so one of them shows every group.
        const own = kernel === "dense" ? candidates.groups : [standard.group];
        for (const { size, group, shared } of candidates.tiles) {
          const cuts = shared === undefined
            ? own.map((group): Tile => ({ size, group }))
            : [{ size, group, shared }];
          for (const tile of cuts) tiles.set(tileText(tile), tile);
        }
      }
      for (const [text, tile] of tiles) {
        assertSameBits(text, await run(tile), expected);
      }
    });
  }
});

describe("a convolution with what follows it", () => {
  for (const deviceClass of ["integrated", "discrete"] as const) {
    const shape: Convolution = {
      inputChannels: 64,
      outputChannels: 128,
      size: 8,
      stride: 2,
    };
    const backward = "conv3x3_frn_tlu_backward" as const;
    const works: TunedKernel[] = [
      smallest("conv3x3_frn_tlu"),
      smallest(backward),
      { kernel: backward, shape, name: tileName(backward, shape) },
    ];
    for (const tuned of works) {
      it(`gives the same by two kernels, and what 64 bits give: ${tuned.name}, ${deviceClass}`, async () => {
        const facts = { ...gpu.adapter, deviceClass };
        const own = new Gpu(gpu.device, facts, Infinity);
        const { tiles } = candidatesOf(deviceClass, tuned.kernel, tuned.shape);
        assert.equal(tiles.length, 2);
        using work = new KernelWork(own, tuned, 8);
        const results: Float32Array[] = [];
        const labels: string[][] = [];
        for (const tile of tiles) {
          const chosen = new Map([[tuned.name, tile]]);
          own.tiles = { ...tilesOfClass[deviceClass], chosen };
          using recorder = new Recorder(own);
          const dispatched = recorder.rehearse(() => work.record(recorder));
          labels.push([...dispatched.keys()].map(({ label }) => label));
          results.push(await work.run(recorder));
        }
        assert.deepEqual(labels.map(({ length }) => length), [1, 2]);
        const [one, two] = results;
        assertSameBits("two kernels", two, one);
        assert.ok(work.isRight(one));
        assert.ok(!work.isRight(one.map((value) => 1.0001 * value)));
      });
    }
  }
});

describe("fastest", () => {
  const measured = (...timesMs: number[]): MeasuredTile[] =>
    timesMs.map((timeMs, index) => ({
      tile: { size: [index], group: 8 },
      timeMs,
    }));

  it("is the standard tile, the first, unless another takes 5 % less", () => {
    const indexOf = (...timesMs: number[]) => {
      const all = measured(...timesMs);
      return all.indexOf(fastest(all));
    };
    assert.equal(indexOf(10), 0);
    assert.equal(indexOf(10, 10, 10), 0);
    assert.equal(indexOf(10, 9.51, 12), 0);
    assert.equal(indexOf(10, 9.49, 12), 1);
    assert.equal(indexOf(10, 9, 7, 8), 2);
    assert.equal(indexOf(10, 20, Infinity), 0);
  });
});

describe("tuneTiles", () => {
  const cheap = tunedKernels.filter(({ kernel }) =>
    kernel === "dense" || kernel === "dense_input_gradient"
  );

  it("measures on the adapter, refuses no tile and leaves the standard ones in use", async () => {
    const begun: string[] = [];
    const tuning = await tuneTiles(gpu, {
      kernels: cheap,
      onKernel: (_done, _of, name) => begun.push(name),
    });
    assert.deepEqual(begun, cheap.map(({ name }) => name));
    assert.equal(tuning.untried, 0);
    assert.equal(gpu.tiles, tilesOfClass[gpu.adapter.deviceClass]);
    for (const [index, found] of tuning.kernels.entries()) {
      const { kernel, shape, name } = cheap[index];
      const { deviceClass } = gpu.adapter;
      const { tiles } = candidatesOf(deviceClass, kernel, shape);
      assert.equal(found.name, name);
      assert.deepEqual(found.refused, []);
      assert.ok(found.tried >= tiles.length);
      assert.deepEqual(
        found.standard.tile,
        tileOf(gpu.tiles, kernel, shape),
      );
      assert.ok(found.chosen.timeMs > 0);
      assert.ok(found.chosen.timeMs <= found.standard.timeMs);
      assert.equal(tuning.choice.get(name), found.chosen.tile);
    }
  });

  it("measures workgroups that share what they read", async () => {
    const facts = { ...gpu.adapter, deviceClass: "integrated" as const };
    const own = new Gpu(gpu.device, facts, Infinity);
    const kernels = [smallest("dense_input_gradient")];
    const [{ standard, chosen, refused }] =
      (await tuneTiles(own, { kernels })).kernels;
    assert.ok(standard.tile.shared !== undefined);
    for (const { timeMs } of [standard, chosen]) {
      assert.ok(timeMs > 0 && timeMs < Infinity);
    }
    assert.deepEqual(refused, []);
  });

  it("measures by repetition where the adapter has no clock", async () => {
    using plain = await openGpu();
    const kernels = cheap.slice(0, 1);
    const tuning = await tuneTiles(plain, { kernels });
    assert.equal(tuning.timestamps, false);
    assert.ok(tuning.kernels[0].chosen.timeMs > 0);
  });

  itOnDeno("refuses tiles that give other bits", async () => {
    const folder = await Deno.makeTempDir();
    try {
      // Sums begin with a little for each sample that a thread computes: less than sums in 64 bits tell from rounding.
      const mutated = await importMutated<{ tuneTiles: typeof tuneTiles }>(
        "gpu/tuning/tune.ts",
        {
          file: "gpu/wgsl/convolution/dense.wgsl",
          from: "vec4<f32>(0.0)",
          to: "vec4<f32>(1e-5 * f32(TN))",
        },
        folder,
      );
      const tuning = await mutated.tuneTiles(gpu, { kernels: [cheap[0]] });
      const [{ standard, chosen, refused }] = tuning.kernels;
      const { kernel, shape } = cheap[0];
      const { deviceClass } = gpu.adapter;
      const { tiles: [{ size: [samples] }, ...others] } = candidatesOf(
        deviceClass,
        kernel,
        shape,
      );
      const differing = others.filter(({ size }) => size[0] !== samples);
      assert.ok(differing.length > 0);
      for (const { size } of differing) {
        assert.ok(refused.some((tile) => tile.size.join() === size.join()));
      }
      assert.equal(chosen.tile.size[0], standard.tile.size[0]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  itOnDeno("refuses a standard tile that gives wrong results", async () => {
    const folder = await Deno.makeTempDir();
    try {
      // The kernel of threads alone, the software adapter's, forgets the bias.
      const mutated = await importMutated<{ tuneTiles: typeof tuneTiles }>(
        "gpu/tuning/tune.ts",
        {
          file: "gpu/wgsl/convolution/conv3x3.wgsl",
          from: "let b = bias[params.first + k];",
          to: "let b = 0.0 * bias[params.first + k];",
        },
        folder,
      );
      using own = new Gpu(gpu.device, gpu.adapter, Infinity);
      const tuned = smallest("conv3x3");
      await assert.rejects(mutated.tuneTiles(own, { kernels: [tuned] }), {
        name: "GpuError",
        message:
          /^Cannot measure tiles: conv3x3 128→128 at 8×8: found wrong results from every tile/,
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  it("begins no kernel when time is up", async () => {
    const { kernels, untried, choice } = await tuneTiles(gpu, {
      budgetMs: -1,
    });
    assert.deepEqual(
      [kernels, untried],
      [[], tunedKernelsOf(gpu.tiles).length],
    );
    assert.equal(choice.size, 0);
  });

  it("measures no kernel that training does not use on the device", async () => {
    const names = tunedKernelsOf(gpu.tiles).map(({ name }) => name);
    const unused = tunedKernels.filter(({ name }) => !names.includes(name));
    assert.ok(unused.length > 0);
    await assert.rejects(tuneTiles(gpu, { kernels: unused }), {
      name: "GpuError",
      message:
        /found [\w, ]+, wanted a kernel that training uses there: conv3x3, /,
    });
    const { kernels } = await tuneTiles(gpu, {
      kernels: [...unused, ...cheap],
      budgetMs: -1,
    });
    assert.deepEqual(kernels, []);
  });

  it("stops when told to", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await assert.rejects(tuneTiles(gpu, { kernels: cheap, signal }), {
      message: "enough",
    });
  });
});

describe("a stored choice", () => {
  const { kernel, shape, name } = smallest("dense");
  const { tiles: [, other] } = candidatesOf("software", kernel, shape);
  const choice = new Map<string, Tile>([[name, other]]);

  it("is read as it was written", () => {
    const text = JSON.stringify(storedTiles(choice));
    assert.deepEqual(chosenTiles(JSON.parse(text), "software"), choice);
    assert.deepEqual(chosenTiles({}, "software"), new Map());
  });

  it("is none unless every tile might have been chosen", () => {
    const good = { size: [...other.size], group: 8 };
    for (
      const stored of [
        null,
        "text",
        { [name]: null },
        { [name]: { size: [3, 4], group: 8 } },
        { [name]: { size: [8], group: 8 } },
        { [name]: { ...good, group: 7 } },
        { [name]: { ...good, group: "8" } },
        { [name]: { size: "8,4", group: 8 } },
        { [name]: good, "dense 1→1 at 1×1": good },
      ]
    ) assert.equal(chosenTiles(stored, "software"), undefined);
  });

  it("belongs to its class", () => {
    assert.equal(chosenTiles(storedTiles(choice), "discrete"), undefined);
  });

  it("may be two kernels in place of one", () => {
    const { name } = smallest("conv3x3_frn_tlu");
    const choice = new Map([[name, twoKernels]]);
    const text = JSON.stringify(storedTiles(choice));
    for (const deviceClass of ["integrated", "discrete"] as const) {
      assert.deepEqual(chosenTiles(JSON.parse(text), deviceClass), choice);
    }
    assert.equal(chosenTiles(JSON.parse(text), "software"), undefined);
  });

  it("may be of workgroups that share what they read", () => {
    const { name, shape } = smallest("conv3x3");
    const [tile] = sharedCandidates(shape, wantedWorkgroupBytes);
    const choice = new Map<string, Tile>([[name, tile]]);
    const text = JSON.stringify(storedTiles(choice));
    assert.deepEqual(chosenTiles(JSON.parse(text), "discrete"), choice);
    assert.equal(chosenTiles(JSON.parse(text), "software"), undefined);
    const { size, group, shared } = tile;
    const wrong = [{ size, group }, { size, group: 32, shared }, {
      size,
      group,
      shared: [3, 64],
    }, { size, group, shared: "2,64" }];
    for (const stored of wrong) {
      assert.equal(chosenTiles({ [name]: stored }, "discrete"), undefined);
    }
  });
});

describe("tunedKernelsOf", () => {
  it("leaves out by what method a device has no gradients of stride 1", () => {
    const of = (deviceClass: keyof typeof tilesOfClass) =>
      tunedKernelsOf(tilesOfClass[deviceClass]).map(({ name }) => name);
    const [winograd, direct] = [of("software"), of("discrete")];
    assert.deepEqual(of("integrated"), direct);
    const all = new Set([...winograd, ...direct]);
    assert.deepEqual(new Set(tunedKernels.map(({ name }) => name)), all);
    assert.deepEqual(winograd.filter((name) => !direct.includes(name)), [
      "winograd_product 32→32 at 32×32",
      "winograd_product 64→64 at 16×16",
      "winograd_product 128→128 at 8×8",
      "winograd_weight_product 32→32 at 32×32",
      "winograd_weight_product 64→64 at 16×16",
      "winograd_weight_product 128→128 at 8×8",
    ]);
    assert.deepEqual(direct.filter((name) => !winograd.includes(name)), [
      "conv3x3_weight_gradient 32→32 at 32×32",
      "conv3x3_weight_gradient 64→64 at 16×16",
      "conv3x3_weight_gradient 128→128 at 8×8",
      ...tunedKernels.filter(({ kernel }) => isEnd(kernel))
        .map(({ name }) => name),
    ]);
  });
});

describe("tuningText", () => {
  it("holds the text of every kernel that is tuned", () => {
    for (const kernel of kernels.filter((kernel) => !isEnd(kernel))) {
      assert.ok(tuningText("software").includes(`// ${kernel}: `), kernel);
    }
  });

  it("tells the classes apart", () => {
    assert.equal(new Set(classes.map(tuningText)).size, classes.length);
  });
});
