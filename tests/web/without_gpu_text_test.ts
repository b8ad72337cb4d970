import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { withoutGpuText } from "../../web/page/without_gpu_text.ts";

describe("withoutGpuText", () => {
  it("names the browsers that have what gpu/ asks of an adapter", () => {
    // Chrome has had GPUAdapter.info since 127, Safari and Firefox as long as WebGPU.
    assert.match(withoutGpuText(), /Chrome and Edge \(from 127\)/);
    assert.doesNotMatch(withoutGpuText(), /undefined|says/);
  });

  it("tells a fault of another kind", () => {
    assert.match(withoutGpuText("no such field"), / no such field$/);
  });
});
