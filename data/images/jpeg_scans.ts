const coefficientCount = 64;
/** Before any scan has brought a coefficient. */
const nothing = 255;

/**
 * What the scans of a JPEG have brought so far: of each component's coefficients, the lowest bit. A decoder takes 0 for what none
 * brings, so that a picture cut short between two scans looks blurred, or grey, and nothing says so.
 */
export class ScanCoverage {
  readonly #isProgressive: boolean;
  readonly #lowestBits: ReadonlyMap<number, Uint8Array>;

  /** @param ids names of the frame's components */
  constructor(ids: readonly number[], isProgressive: boolean) {
    this.#isProgressive = isProgressive;
    this.#lowestBits = new Map(
      ids.map((id) => [id, new Uint8Array(coefficientCount).fill(nothing)]),
    );
  }

  /** Takes in the header of a scan; the components, coefficients and bits that it does not name correctly are left as they are. */
  add(header: Uint8Array): void {
    const count = header[0];
    // A sequential scan has everything of its components, whatever some writers put there.
    const [first, last, bits] = this.#isProgressive
      ? header.subarray(1 + 2 * count)
      : [0, coefficientCount - 1, 0];
    for (let i = 0; i < count; i++) {
      const lowest = this.#lowestBits.get(header[1 + 2 * i]);
      lowest?.fill(bits & 15, first, last + 1);
    }
  }

  /** Whether every bit of every coefficient has come. */
  isWhole(): boolean {
    return [...this.#lowestBits.values()].every((bits) =>
      bits.every((bit) => bit === 0)
    );
  }
}
