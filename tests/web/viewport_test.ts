import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Viewport } from "../../web/page/viewport.ts";

const canvas = { width: 800, height: 600 };

/** Where a placed point is seen. */
function seen({ zoom, x, y }: Viewport, point: { x: number; y: number }) {
  return { x: zoom * point.x + x, y: zoom * point.y + y };
}

describe("Viewport", () => {
  it("zooms about the pointer, whose place stays where it is", () => {
    const viewport = new Viewport();
    viewport.zoomAt(3, 200, 450, canvas);
    assert.equal(viewport.zoom, 3);
    const { x, y } = seen(viewport, { x: 200, y: 450 });
    assert.ok(Math.abs(x - 200) < 1e-9 && Math.abs(y - 450) < 1e-9);
  });

  it("never shows less than the canvas, and never more than 40 times as much", () => {
    const viewport = new Viewport();
    viewport.zoomAt(0.2, 100, 100, canvas);
    assert.equal(viewport.zoom, 1);
    viewport.zoomAt(1e6, 100, 100, canvas);
    assert.equal(viewport.zoom, 40);
  });

  it("stays on the photographs when it is moved", () => {
    const viewport = new Viewport();
    viewport.pan(50, 50, canvas);
    assert.deepEqual([viewport.x, viewport.y], [0, 0]);
    viewport.zoomAt(2, 0, 0, canvas);
    viewport.pan(-10_000, -10_000, canvas);
    assert.deepEqual(seen(viewport, { x: 800, y: 600 }), { x: 800, y: 600 });
    viewport.pan(10_000, 10_000, canvas);
    assert.deepEqual(seen(viewport, { x: 0, y: 0 }), { x: 0, y: 0 });
  });

  it("leaves fingers to the page where all is seen", () => {
    const viewport = new Viewport();
    assert.equal(viewport.touchAction, "pan-y");
    viewport.zoomAt(1.5, 0, 0, canvas);
    assert.equal(viewport.touchAction, "none");
    viewport.fit();
    assert.equal(viewport.touchAction, "pan-y");
  });

  it("shows all again", () => {
    const viewport = new Viewport();
    viewport.zoomAt(5, 300, 300, canvas);
    viewport.fit();
    assert.deepEqual([viewport.zoom, viewport.x, viewport.y], [1, 0, 0]);
  });
});
