/** SIFT the other way round: for every bin a sum over all pixels, with the weights as triangles. */
export function referenceSift(patch: Uint8Array, side: number): number[] {
  const triangle = (distance: number) => Math.max(0, 1 - Math.abs(distance));
  const at = (x: number, y: number) =>
    patch[
      Math.min(Math.max(y, 0), side - 1) * side +
      Math.min(Math.max(x, 0), side - 1)
    ];
  const bins: number[] = [];
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 4; column++) {
      for (let bin = 0; bin < 8; bin++) {
        let sum = 0;
        for (let y = 0; y < side; y++) {
          for (let x = 0; x < side; x++) {
            const dx = at(x + 1, y) - at(x - 1, y);
            const dy = at(x, y + 1) - at(x, y - 1);
            const angle = Math.atan2(dy, dx) * 4 / Math.PI;
            const turn = ((angle - bin) % 8 + 12) % 8 - 4;
            const fromCentre = (x + 0.5 - side / 2) ** 2 +
              (y + 0.5 - side / 2) ** 2;
            sum += Math.hypot(dx, dy) *
              Math.exp(-fromCentre / (2 * (side / 2) ** 2)) *
              triangle((x + 0.5) * 4 / side - 0.5 - column) *
              triangle((y + 0.5) * 4 / side - 0.5 - row) * triangle(turn);
          }
        }
        bins.push(sum);
      }
    }
  }
  const normalise = (values: number[]) => {
    const norm = Math.hypot(...values);
    return values.map((value) => value / norm);
  };
  return normalise(normalise(bins).map((value) => Math.min(value, 0.2)));
}
