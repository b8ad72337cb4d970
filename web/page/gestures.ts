import { keyAction } from "./keys.ts";
import type { PairView } from "./pair_view.ts";
import type { Viewport } from "./viewport.ts";

/** What a visitor does on a canvas. */
export interface GestureEvents {
  /** the part that is seen changed */
  onMove(): void;
  /** a match is pointed at, or none; `at` in pixels of the canvas */
  onPoint(match: number | undefined, at: { x: number; y: number }): void;
  /** the next match, or the one before */
  onStep(by: 1 | -1): void;
}

/** Wheel (once clicked) and pinch zoom, dragging moves, pointing chooses; on the keyboard + − 0, arrows with and without Shift, and Escape. */
export function listenToGestures(
  view: PairView,
  viewport: Viewport,
  events: GestureEvents,
): void {
  const { canvas } = view;
  const pointers = new Map<number, { x: number; y: number }>();
  const zoom = (factor: number, x: number, y: number) => {
    viewport.zoomAt(factor, x, y, view.size);
    events.onMove();
  };
  const pan = (dx: number, dy: number) => {
    viewport.pan(dx, dy, view.size);
    events.onMove();
  };

  canvas.addEventListener("wheel", (event) => {
    // Until the photographs are clicked or enlarged the wheel scrolls the page; pinching a touchpad counts as Ctrl.
    const isMeant = event.ctrlKey || viewport.zoom > 1 ||
      document.activeElement === canvas;
    if (!isMeant) return;
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const factor = Math.exp(-event.deltaY * lines * 0.002);
    zoom(factor, event.offsetX, event.offsetY);
  }, { passive: false });

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
  });
  canvas.addEventListener("pointermove", (event) => {
    const at = { x: event.offsetX, y: event.offsetY };
    const before = pointers.get(event.pointerId);
    if (before === undefined) {
      events.onPoint(view.matchAt(at.x, at.y), at);
      return;
    }
    const others = [...pointers].filter(([id]) => id !== event.pointerId);
    pointers.set(event.pointerId, at);
    if (others.length > 0) {
      const [, other] = others[0];
      const span = (p: { x: number; y: number }) =>
        Math.hypot(p.x - other.x, p.y - other.y) || 1;
      const [x, y] = [(at.x + other.x) / 2, (at.y + other.y) / 2];
      zoom(span(at) / span(before), x, y);
    } else {
      pan(at.x - before.x, at.y - before.y);
    }
  });
  for (const name of ["pointerup", "pointercancel"] as const) {
    canvas.addEventListener(name, (event) => {
      pointers.delete(event.pointerId);
      const at = { x: event.offsetX, y: event.offsetY };
      if (name === "pointerup") events.onPoint(view.matchAt(at.x, at.y), at);
    });
  }
  canvas.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") {
      events.onPoint(undefined, { x: 0, y: 0 });
    }
  });

  canvas.addEventListener("keydown", (event) => {
    const action = keyAction(event, viewport.zoom > 1);
    if (action === undefined) return;
    event.preventDefault();
    const { width, height } = view.size;
    switch (action.kind) {
      case "zoom":
        return zoom(action.factor, width / 2, height / 2);
      case "fit":
        return zoom(1 / viewport.zoom, width / 2, height / 2);
      case "pan":
        return pan(action.dx, action.dy);
      case "step":
        return events.onStep(action.by);
      case "release":
        return events.onPoint(undefined, { x: 0, y: 0 });
    }
  });
}
