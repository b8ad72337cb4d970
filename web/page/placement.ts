/** Width and height, in pixels of a photograph or of the screen. */
export interface Size {
  width: number;
  height: number;
}

/** Where a photograph lies. */
export interface Place extends Size {
  /** of its top left corner */
  x: number;
  y: number;
  /** screen pixels for one of the photograph */
  scale: number;
}

/** Where both photographs lie when all of both is seen, in CSS pixels of the canvas. */
export interface Placement {
  left: Place;
  right: Place;
}

const gap = 6;

/** Places two photographs side by side in one height, or one above the other in one width: whichever shows them larger. */
export function placePair(left: Size, right: Size, canvas: Size): Placement {
  const { width, height } = canvas;
  const aspects = [left.width / left.height, right.width / right.height];
  const rowHeight = Math.min(
    height,
    (width - gap) / (aspects[0] + aspects[1]),
  );
  const columnWidth = Math.min(
    width,
    (height - gap) / (1 / aspects[0] + 1 / aspects[1]),
  );
  const rowArea = rowHeight ** 2 * (aspects[0] + aspects[1]);
  const columnArea = columnWidth ** 2 * (1 / aspects[0] + 1 / aspects[1]);
  if (rowArea >= columnArea) {
    const scales = [rowHeight / left.height, rowHeight / right.height];
    const total = left.width * scales[0] + gap + right.width * scales[1];
    const x = (width - total) / 2;
    const y = (height - rowHeight) / 2;
    return {
      left: placed(left, x, y, scales[0]),
      right: placed(right, x + left.width * scales[0] + gap, y, scales[1]),
    };
  }
  const scales = [columnWidth / left.width, columnWidth / right.width];
  const total = left.height * scales[0] + gap + right.height * scales[1];
  const x = (width - columnWidth) / 2;
  const y = (height - total) / 2;
  return {
    left: placed(left, x, y, scales[0]),
    right: placed(right, x, y + left.height * scales[0] + gap, scales[1]),
  };
}

function placed(size: Size, x: number, y: number, scale: number): Place {
  return {
    x,
    y,
    width: size.width * scale,
    height: size.height * scale,
    scale,
  };
}

/** Where a point of a photograph lies; (0, 0) is the centre of its first pixel. */
export function pointIn(
  place: Place,
  x: number,
  y: number,
): { x: number; y: number } {
  return {
    x: place.x + (x + 0.5) * place.scale,
    y: place.y + (y + 0.5) * place.scale,
  };
}
