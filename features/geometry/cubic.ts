/** Real roots of a·x³ + b·x² + c·x + d, each polished by Newton's method; of a quadratic or a line where a, or a and b, are 0. */
export function realCubicRoots(
  a: number,
  b: number,
  c: number,
  d: number,
): number[] {
  const size = Math.max(Math.abs(a), Math.abs(b), Math.abs(c), Math.abs(d));
  return closedForm(a, b, c, d, 1e-14 * size).map((root) => {
    for (let step = 0; step < 3; step++) {
      const value = ((a * root + b) * root + c) * root + d;
      const slope = (3 * a * root + 2 * b) * root + c;
      const next = root - value / slope;
      if (!Number.isFinite(next)) break;
      root = next;
    }
    return root;
  });
}

function closedForm(
  a: number,
  b: number,
  c: number,
  d: number,
  tiny: number,
): number[] {
  if (Math.abs(a) <= tiny) {
    if (Math.abs(b) <= tiny) return Math.abs(c) <= tiny ? [] : [-d / c];
    const discriminant = c * c - 4 * b * d;
    if (discriminant < 0) return [];
    const sum = -(c + (c < 0 ? -1 : 1) * Math.sqrt(discriminant)) / 2;
    return sum === 0 ? [0] : [sum / b, d / sum];
  }
  // x = t − shift makes it t³ + p·t + q
  const shift = b / (3 * a);
  const p = c / a - 3 * shift * shift;
  const q = d / a + shift * (2 * shift * shift - c / a);
  const discriminant = (q / 2) ** 2 + (p / 3) ** 3;
  if (discriminant > 0) {
    const root = Math.sqrt(discriminant);
    const outer = Math.cbrt(-q / 2 + (q > 0 ? -root : root));
    return [outer - (outer === 0 ? 0 : p / (3 * outer)) - shift];
  }
  const radius = 2 * Math.sqrt(-p / 3);
  if (radius === 0) return [0 - shift];
  const angle = Math.acos(
    Math.max(-1, Math.min(1, 3 * q / (p * radius))),
  ) / 3;
  return [0, 1, 2].map((turn) =>
    radius * Math.cos(angle - 2 * Math.PI * turn / 3) - shift
  );
}
