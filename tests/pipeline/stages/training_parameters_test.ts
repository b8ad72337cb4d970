import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parseConfig } from "../../../pipeline/config.ts";
import { stage1Plan } from "../../../pipeline/training/stage1_plan.ts";
import { extract } from "../../../pipeline/stages/extract.ts";
import { stage1 } from "../../../pipeline/stages/stage1.ts";
import { stage2 } from "../../../pipeline/stages/stage2.ts";

const plain = parseConfig("", "x.toml");
const halved = parseConfig('[gpu]\nactivations = "f16"', "x.toml");

describe("activations in 16 bits", () => {
  it("are part of the keys of the stages that train, of those alone, and only when wanted", () => {
    for (const stage of [stage1, stage2]) {
      const { activations, ...rest } = stage.parameters(halved);
      assert.equal(activations, "f16");
      assert.deepEqual(stage.parameters(plain), rest);
    }
    assert.deepEqual(extract.parameters(halved), extract.parameters(plain));
  });

  it("are part of the training's plan", () => {
    assert.equal(stage1Plan(plain).activations, "f32");
    assert.equal(stage1Plan(halved).activations, "f16");
  });
});
