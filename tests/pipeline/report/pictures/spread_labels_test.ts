import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { spreadLabels } from "../../../../pipeline/report/pictures/spread_labels.ts";

describe("spreadLabels", () => {
  it("leaves labels that are far apart where they are", () => {
    assert.deepEqual(spreadLabels([80, 10, 40], 14, 200), [80, 10, 40]);
  });

  it("pushes close ones apart in their order", () => {
    assert.deepEqual(spreadLabels([12, 10, 11], 14, 200), [38, 10, 24]);
  });

  it("pushes back up at the bottom", () => {
    assert.deepEqual(spreadLabels([95, 99, 100], 10, 100), [80, 90, 100]);
  });

  it("has nothing to do for nothing", () => {
    assert.deepEqual(spreadLabels([], 10, 100), []);
  });
});
