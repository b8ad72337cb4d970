import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { keyAction, type PressedKey } from "../../web/page/keys.ts";

const plain: Omit<PressedKey, "key"> = {
  shiftKey: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
};

const action = (
  key: string,
  held: Partial<PressedKey> = {},
  isEnlarged = true,
) => keyAction({ ...plain, key, ...held }, isEnlarged);

describe("keyAction", () => {
  it("goes from match to match, and moves with Shift", () => {
    assert.deepEqual(action("ArrowRight"), { kind: "step", by: 1 });
    assert.deepEqual(
      action("ArrowRight", { shiftKey: true }),
      { kind: "pan", dx: -40, dy: 0 },
    );
  });

  it("zooms, with Shift where a keyboard has + there", () => {
    for (const held of [{}, { shiftKey: true }]) {
      assert.deepEqual(action("+", held), { kind: "zoom", factor: 1.3 });
    }
    assert.deepEqual(action("0"), { kind: "fit" });
  });

  it("leaves what is held with Ctrl, Alt or Meta to the browser", () => {
    for (const held of ["ctrlKey", "altKey", "metaKey"]) {
      for (const key of ["ArrowLeft", "+", "0"]) {
        assert.equal(action(key, { [held]: true }), undefined, held);
      }
    }
  });

  it("leaves up and down to the page while all is seen", () => {
    assert.equal(action("ArrowUp", {}, false), undefined);
    assert.deepEqual(action("ArrowUp"), { kind: "pan", dx: 0, dy: 40 });
  });

  it("knows no other key", () => {
    assert.equal(action("Tab"), undefined);
    assert.equal(action("constructor"), undefined);
  });
});
