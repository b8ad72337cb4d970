import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { itHasHalves, itOnDeno } from "../helpers/gpu/runtime.ts";
import { arrayOfType, elementTypeOf } from "../../gpu/element_type.ts";

describe("the element type of values", () => {
  it("is that of their array", () => {
    for (const type of ["f32", "u32", "i32"] as const) {
      assert.equal(elementTypeOf(new arrayOfType[type](2)), type);
    }
  });

  itHasHalves("is f16 of an array of halves", () => {
    assert.equal(elementTypeOf(new Float16Array(2)), "f16");
  });

  // Deno loads a source a second time; what is bundled is there once.
  itOnDeno(
    "is known for all but f16 where the runtime has no Float16Array",
    async () => {
      const { Float16Array } = globalThis;
      Reflect.deleteProperty(globalThis, "Float16Array");
      try {
        // A name of its own, so that it is loaded anew.
        const { arrayOfType, elementTypeOf }:
          typeof import("../../gpu/element_type.ts") = await import(
            `../../gpu/element_type.ts?${"without"}`
          );
        assert.equal(elementTypeOf(new Float32Array(2)), "f32");
        assert.equal(elementTypeOf(new Int32Array(2)), "i32");
        assert.equal(arrayOfType.f16.BYTES_PER_ELEMENT, 2);
        assert.throws(
          () => new arrayOfType.f16(2),
          /^GpuError: Cannot read f16 values: found a runtime without Float16Array, /,
        );
      } finally {
        globalThis.Float16Array = Float16Array;
      }
    },
  );
});
