import { deepEqual, equal } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { describeImage } from "../../../pipeline/descriptors/describe_image.ts";

describe("an image without keypoints", () => {
  it("is described without asking the network, whose first answer takes seconds", async () => {
    const parts: string[] = [];
    const { keypoints, descriptors, dimension } = await describeImage(
      { width: 90, height: 60, pixels: new Uint8Array(90 * 60).fill(120) },
      {
        dimension: 128,
        describe: () => Promise.reject(new Error("was asked")),
      },
      { onPart: (part) => void parts.push(part) },
    );
    deepEqual([keypoints, [...descriptors]], [[], []]);
    equal(dimension, 128);
    deepEqual(parts, ["keypoints", "patches", "network"]);
  });
});
