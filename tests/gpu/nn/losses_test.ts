import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openGpu } from "../../../gpu/device.ts";
import { kernel } from "../../../gpu/kernel.ts";
import {
  lossConstants,
  lossNames,
  lossOf,
  stage1LossNames,
} from "../../../gpu/nn/losses.ts";
import shader from "../../../gpu/wgsl/loss/descriptor_loss.wgsl" with {
  type: "text",
};

/** Those that share `descriptor_loss.wgsl`. */
const shared = lossNames.flatMap((name) => {
  const { id, shaderName } = lossOf(name);
  assert.equal(id === undefined, shaderName === undefined, name);
  return id === undefined ? [] : [{ name, id }];
});

describe("the table of losses", () => {
  it("gives each loss of the shared shader an id and a name there of its own", () => {
    assert.equal(new Set(shared.map(({ id }) => id)).size, shared.length);
    assert.equal(Object.keys(lossConstants).length, shared.length);
    assert.ok(shared.length < lossNames.length);
  });

  it("offers all but the annealing loss to preliminary training", () => {
    const others = lossNames.filter((name) =>
      !(stage1LossNames as readonly string[]).includes(name)
    );
    assert.deepEqual(others, ["tripletMargin++"]);
  });
});

describe("the shader of the losses", () => {
  it("names every loss that shares it in a branch, and no other", () => {
    const branches = [...shader.matchAll(/\bif \((.*)\) \{$/gm)]
      .flatMap(([, condition]) => [...condition.matchAll(/KIND == (\w+)/g)])
      .map(([, name]) => name);
    assert.deepEqual(
      [...new Set(branches)].sort(),
      Object.keys(lossConstants).sort(),
    );
    assert.doesNotMatch(shader, /\} else \{/);
  });

  it("compiles for every loss that shares it, and for no other id", async () => {
    using gpu = await openGpu();
    const complaint = async (id: number) => {
      gpu.device.pushErrorScope("validation");
      const constants = { ...lossConstants, KIND: id, USE_MEDIANS: 0 };
      kernel(gpu, "descriptor_loss", shader, constants);
      return (await gpu.device.popErrorScope())?.message;
    };
    for (const { name, id } of shared) {
      assert.equal(await complaint(id), undefined, name);
    }
    assert.match((await complaint(shared.length)) ?? "", /const_assert/);
  });
});
