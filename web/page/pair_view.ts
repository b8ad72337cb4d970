import { drawScene } from "./draw_scene.ts";
import { type Placement, placePair, type Size } from "./placement.ts";
import { type Line, linesOf, nearestLine, type Scene } from "./scene.ts";
import type { Viewport } from "./viewport.ts";

/** How near to a line, in CSS pixels, a pointer has to be. */
const reachPixels = 8;

/** A canvas that shows two photographs and the matches of one method. */
export class PairView {
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #viewport: Viewport;
  #scene: Scene | undefined;
  #placement: Placement | undefined;
  #lines: Line[] = [];
  #chosen: number | undefined;
  #isDue = false;

  /** @param viewport may be shared: views of the same photographs move together */
  constructor(canvas: HTMLCanvasElement, viewport: Viewport) {
    this.canvas = canvas;
    this.#viewport = viewport;
    this.#context = canvas.getContext("2d")!;
    new ResizeObserver(() => this.#place()).observe(canvas);
  }

  /** CSS pixels of the canvas. */
  get size(): Size {
    return { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
  }

  /** Matches as they are drawn. */
  get lines(): readonly Line[] {
    return this.#lines;
  }

  get chosen(): number | undefined {
    return this.#chosen;
  }

  /** Lets a match stand out; nothing lets none. */
  choose(match: number | undefined): void {
    if (match === this.#chosen) return;
    this.#chosen = match;
    this.redraw();
  }

  show(scene: Scene | undefined): void {
    this.#scene = scene;
    this.#chosen = undefined;
    this.#place();
  }

  /** The match whose line passes near a point of the canvas. */
  matchAt(x: number, y: number): number | undefined {
    const { zoom, x: left, y: top } = this.#viewport;
    const point = { x: (x - left) / zoom, y: (y - top) / zoom };
    return nearestLine(this.#lines, point, reachPixels / zoom)?.match;
  }

  /** Where the middle of a match's line is on the canvas. */
  middleOf(match: number): { x: number; y: number } | undefined {
    const line = this.#lines.find((line) => line.match === match);
    if (line === undefined) return undefined;
    const { zoom, x, y } = this.#viewport;
    return {
      x: zoom * (line.from.x + line.to.x) / 2 + x,
      y: zoom * (line.from.y + line.to.y) / 2 + y,
    };
  }

  /** Draws before the next frame. */
  redraw(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#draw();
    });
  }

  #place(): void {
    const { width, height } = this.size;
    const isSeen = this.#scene !== undefined && width > 0 && height > 0;
    this.#placement = isSeen
      ? placePair(this.#scene!.left, this.#scene!.right, { width, height })
      : undefined;
    this.#lines = this.#placement === undefined
      ? []
      : linesOf(this.#scene!, this.#placement);
    this.redraw();
  }

  #draw(): void {
    const ratio = devicePixelRatio;
    const { width, height } = this.size;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    if (this.#scene === undefined || this.#placement === undefined) return;
    const { zoom, x, y } = this.#viewport;
    this.#context.setTransform(
      ratio * zoom,
      0,
      0,
      ratio * zoom,
      ratio * x,
      ratio * y,
    );
    drawScene(this.#context, this.#scene, this.#placement, this.#lines, {
      zoom,
      chosen: this.#chosen,
    });
  }
}
