import assert from "node:assert/strict";
import { join } from "@std/path";
import { pathToFileURL } from "node:url";
import { describe, it } from "@std/testing/bdd";
import * as library from "../../mod.ts";
import { projectDirectory } from "../helpers/command_line.ts";

/** The library as a program without a compiler sees it. */
const untyped = library as unknown as Record<
  string,
  (...args: unknown[]) => unknown
>;
const demo = join(projectDirectory, "configs/demo.toml");
const config = await library.loadConfig(demo);
const pixel = { width: 1, height: 1, pixels: new Uint8Array(1) };
const described = {
  ...pixel,
  keypoints: [],
  descriptors: new Float32Array(),
  dimension: 128,
};

describe("the library", () => {
  const refused: [call: string, args: () => unknown[], message: RegExp][] = [
    [
      "reproduce",
      () => ["demo.toml"],
      /run a pipeline: config: found "demo\.toml", wanted a config; give what loadConfig\("demo\.toml"\) resolves to$/,
    ],
    ["reproduce", () => [], /run a pipeline: config: found nothing, wanted a/],
    [
      "reproduceAll",
      () => [library.loadConfig(demo)],
      /run a pipeline: configs: found a Promise, wanted a list of configs$/,
    ],
    [
      "plan",
      () => [library.loadConfig(demo)],
      /plan a run: config: found a Promise, wanted a config; give what loadConfig\(\) resolves to, after await$/,
    ],
    [
      "planAll",
      () => [{}],
      /plan a run: configs: found a plain object, wanted a l/,
    ],
    ["plan", () => [{ name: "x" }], /plan a run: config: found a plain object/],
    ["accept", () => ["x", []], /accept results: config: found "x", wanted/],
    [
      "lockResults",
      () => [7],
      /lock results: config: found the number 7, wanted/,
    ],
    ["loadConfig", () => [], /read the config: found nothing, wanted the path/],
    [
      "loadConfig",
      () => [new URL("https://example.org/x.toml")],
      /read the config: found a URL, wanted the path of a TOML file$/,
    ],
    [
      "loadConfig",
      () => [demo, "seed=1"],
      /read the config: overrides: found "seed=1", wanted a list of/,
    ],
    [
      "loadConfig",
      () => [demo, { seed: 1 }],
      /overrides: found a plain object/,
    ],
    [
      "loadDescriptor",
      () => [new Uint8Array(3)],
      /checkpoint: found a Uint8Array, wanted a file: URL or a path$/,
    ],
    [
      "readGreyImage",
      () => ["/"],
      /read the image: \/: found a folder, wanted/,
    ],
    ["detectKeypoints", () => [], /the picture: found no pixels as a Uint8A/],
    ["detectKeypoints", () => ["a.png"], /the picture: found no pixels as a/],
    [
      "detectKeypoints",
      () => [{ width: 2, height: 2, data: new Uint8ClampedArray(16) }],
      /the picture: found no pixels as a Uint8Array or Float32Array, wanted \{ width, height, pixels \}/,
    ],
    [
      "detectKeypoints",
      () => [pixel, { keypoints: 300 }],
      /detect keypoints: options: found keypoints, wanted one of detector, most,/,
    ],
    [
      "matchImages",
      () => [Promise.resolve({})],
      /match images: left: found a Promise with nothing as dimension, wanted what describeImage\(\) resolves to, after await$/,
    ],
    [
      "matchImages",
      () => [described, { ...described, descriptors: new Float32Array(128) }],
      /match images: right: found 0 keypoints, and descriptors of 128 values, wanted 128 values a keypoint; leave out a keypoint and its descriptor together$/,
    ],
    [
      "matchImages",
      () => [described, described, { geometry: "affine" }],
      /geometry: found "affine", wanted homography or fundamental or none$/,
    ],
    [
      "matchImages",
      () => [described, described, { ratio: "0.9" }],
      /match images: ratio: found "0\.9", wanted a number$/,
    ],
    [
      "accept",
      () => [config, "stage1"],
      /accept results: names: found "stage1", wanted a list of names of stages$/,
    ],
    [
      "formatPlan",
      () => [library.plan(config)],
      /plan: found a Promise with n/,
    ],
    ["formatReason", () => [], /print a reason: reason: found nothing, wanted/],
    [
      "remoteCacheOptions",
      () => ["https://example.org"],
      /use a shared cache: request: found "https:\/\/example\.org", wanted/,
    ],
    ["writeCrate", () => ["demo.toml"], /write the crate: config: found "demo/],
    ["writeModelCard", () => [], /write the model card: config: found nothing/],
    [
      "readGreyImage",
      () => [],
      /read the image: found nothing, wanted a path or a file: URL$/,
    ],
  ];
  for (const [name, args, message] of refused) {
    it(`${name} says what it was not given: ${message.source.slice(0, 60)}`, async () => {
      await assert.rejects(
        async () => await untyped[name](...args()),
        (error: Error) => {
          assert.notEqual(error.name, "TypeError");
          assert.doesNotMatch(error.message, /undefined|\n/);
          assert.match(error.message, /^Cannot /);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  it("refuses null and other things in place of options", async () => {
    const calls: Record<string, unknown[]> = {
      plan: [config],
      planAll: [[config]],
      reproduce: [config],
      reproduceAll: [[config]],
      accept: [config, []],
      lockResults: [config],
      writeCrate: [config],
      writeModelCard: [config, "card"],
      loadDescriptor: [undefined],
      detectKeypoints: [pixel],
      matchImages: [described, described],
    };
    for (const [name, args] of Object.entries(calls)) {
      await assert.rejects(
        async () => await untyped[name](...args, null),
        /^\w+: Cannot [^:]+: options: found (nothing|null), wanted an object with the options, or nothing$/,
        name,
      );
    }
  });

  it("takes file URLs for paths", async () => {
    const { name } = await library.loadConfig(pathToFileURL(demo));
    assert.equal(name, "demo");
    await assert.rejects(
      library.readGreyImage(pathToFileURL(join(projectDirectory, "no.png"))),
      { where: join(projectDirectory, "no.png") },
    );
  });
});
