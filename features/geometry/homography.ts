/**
 * A plane projective map as nine numbers row by row: (x, y) goes to
 * ((h0·x + h1·y + h2)/w, (h3·x + h4·y + h5)/w) with w = h6·x + h7·y + h8.
 */
export type Homography = Float64Array;

/** A homography from its nine numbers. */
export function homography(...entries: number[]): Homography {
  return Float64Array.from(entries);
}

/** Translation by (x, y). */
export function translation(x: number, y: number): Homography {
  return homography(1, 0, x, 0, 1, y, 0, 0, 1);
}

/** Multiplication of both coordinates (or each by its own factor). */
export function scaling(x: number, y = x): Homography {
  return homography(x, 0, 0, 0, y, 0, 0, 0, 1);
}

/** Rotation by an angle in radians, from the x axis towards the y axis. */
export function rotation(angle: number): Homography {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  return homography(c, -s, 0, s, c, 0, 0, 0, 1);
}

/** The map that applies the last argument first: compose(A, B)(p) = A(B(p)). */
export function compose(...maps: Homography[]): Homography {
  return maps.reduce((left, right) => {
    const product = new Float64Array(9);
    for (let row = 0; row < 9; row += 3) {
      for (let column = 0; column < 3; column++) {
        product[row + column] = left[row] * right[column] +
          left[row + 1] * right[column + 3] +
          left[row + 2] * right[column + 6];
      }
    }
    return product;
  });
}

/** The inverse map (adjugate; a homography's overall factor does not matter). */
export function invert(map: Homography): Homography {
  const [a, b, c, d, e, f, g, h, i] = map;
  return homography(
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  );
}

/** Where a point goes. */
export function applyTo(
  map: Homography,
  x: number,
  y: number,
): { x: number; y: number } {
  const w = map[6] * x + map[7] * y + map[8];
  return {
    x: (map[0] * x + map[1] * y + map[2]) / w,
    y: (map[3] * x + map[4] * y + map[5]) / w,
  };
}

/** By how much lengths grow at a point: the square root of the absolute determinant of the derivative there. */
export function localScale(map: Homography, x: number, y: number): number {
  const w = map[6] * x + map[7] * y + map[8];
  const determinant = map[0] * (map[4] * map[8] - map[5] * map[7]) -
    map[1] * (map[3] * map[8] - map[5] * map[6]) +
    map[2] * (map[3] * map[7] - map[4] * map[6]);
  return Math.sqrt(Math.abs(determinant / (w * w * w)));
}
