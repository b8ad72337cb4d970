import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openGpu } from "../../../gpu/device.ts";
import { kernel } from "../../../gpu/kernel.ts";
import {
  lossConstants,
  losses,
  lossNames,
  stage1LossNames,
} from "../../../gpu/nn/losses.ts";
import shader from "../../../gpu/wgsl/loss/descriptor_loss.wgsl" with {
  type: "text",
};

describe("the table of losses", () => {
  it("gives each loss an id and a name in the shader of its own", () => {
    const rows = Object.values(losses);
    assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
    assert.equal(Object.keys(lossConstants).length, rows.length);
  });

  it("offers all but the annealing loss to preliminary training", () => {
    const others = lossNames.filter((name) =>
      !(stage1LossNames as readonly string[]).includes(name)
    );
    assert.deepEqual(others, ["tripletMargin++"]);
  });
});

describe("the shader of the losses", () => {
  it("names every loss of the table in a branch, and no other", () => {
    const branches = [...shader.matchAll(/\bif \((.*)\) \{$/gm)]
      .flatMap(([, condition]) => [...condition.matchAll(/KIND == (\w+)/g)])
      .map(([, name]) => name);
    assert.deepEqual(
      [...new Set(branches)].sort(),
      Object.keys(lossConstants).sort(),
    );
    assert.doesNotMatch(shader, /\} else \{/);
  });

  it("compiles for every loss of the table, and for no other id", async () => {
    using gpu = await openGpu();
    const complaint = async (id: number) => {
      gpu.device.pushErrorScope("validation");
      const constants = { ...lossConstants, KIND: id, USE_MEDIANS: 0 };
      kernel(gpu, "descriptor_loss", shader, constants);
      return (await gpu.device.popErrorScope())?.message;
    };
    for (const [name, { id }] of Object.entries(losses)) {
      assert.equal(await complaint(id), undefined, name);
    }
    assert.match((await complaint(lossNames.length)) ?? "", /const_assert/);
  });
});
