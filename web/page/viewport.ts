import type { Size } from "./placement.ts";

/** Largest enlargement of what fits the canvas. */
const mostZoom = 40;

/** Which part of the placed photographs is seen: screen = zoom · placed + (x, y). */
export class Viewport {
  zoom = 1;
  x = 0;
  y = 0;

  /** What a finger does beside what the page listens to, by CSS: it scrolls the page where all is seen, else it moves the photographs. */
  get touchAction(): "pan-y" | "none" {
    return this.zoom > 1 ? "none" : "pan-y";
  }

  /** Shows all again. */
  fit(): void {
    this.zoom = 1;
    this.x = 0;
    this.y = 0;
  }

  /** Enlarges by a factor about a point of the screen, which stays where it is. */
  zoomAt(factor: number, x: number, y: number, canvas: Size): void {
    const zoom = Math.min(mostZoom, Math.max(1, this.zoom * factor));
    const ratio = zoom / this.zoom;
    this.x = x - ratio * (x - this.x);
    this.y = y - ratio * (y - this.y);
    this.zoom = zoom;
    this.#keepInside(canvas);
  }

  /** Moves what is seen by pixels of the screen. */
  pan(dx: number, dy: number, canvas: Size): void {
    this.x += dx;
    this.y += dy;
    this.#keepInside(canvas);
  }

  #keepInside({ width, height }: Size): void {
    const within = (value: number, side: number) =>
      Math.min(0, Math.max(side * (1 - this.zoom), value));
    this.x = within(this.x, width);
    this.y = within(this.y, height);
  }
}
