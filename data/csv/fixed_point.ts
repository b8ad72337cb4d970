const decimals = 5;
const unit = 10 ** decimals;
const width = 10;

const bufferSizeBytes = 1 << 16;
/** The longest float32 in this format has 39 digits before the point. */
const longestValueBytes = 64;

/** Below this, the value in units of 10^-5 is a 32-bit integer. */
const fastBelow = 20_000;
/** From here on every float32 is an integer. */
const integersFrom = 2 ** 24;

const zero = 48;
const space = 32;
const minus = 45;
const point = 46;

/**
 * Writes float32 numbers as C's and Python's `%10.5f` does: exactly rounded, half to even, at least ten characters, a
 * minus sign also before a negative zero.
 *
 * A float32 times 10^5 is exact in a double (24 + 12 significant bits), so comparing its fraction with ½ decides the
 * rounding without error.
 */
export class FixedPointWriter {
  readonly #sink: (bytes: Uint8Array) => void;
  readonly #buffer = new Uint8Array(bufferSizeBytes);
  #size = 0;

  /** @param sink takes the bytes in runs of up to 64 KiB; they are valid only during the call */
  constructor(sink: (bytes: Uint8Array) => void) {
    this.#sink = sink;
  }

  /**
   * Appends one finite float32 and one byte that ends it.
   *
   * @param value anything else than a float32 is rounded to one first
   * @param ending a comma or line feed, as a byte
   */
  write(value: number, ending: number): void {
    if (this.#size + longestValueBytes > bufferSizeBytes) this.flush();
    const single = Math.fround(value);
    const negative = single < 0 || Object.is(single, -0);
    const magnitude = Math.abs(single);
    if (magnitude < fastBelow) {
      this.#writeUnits(roundHalfEven(magnitude * unit), negative);
    } else {
      const text = `${negative ? "-" : ""}${largeText(magnitude)}`;
      this.#writeText(text.padStart(width));
    }
    this.#buffer[this.#size++] = ending;
  }

  /** Hands what is buffered to the sink. */
  flush(): void {
    if (this.#size > 0) this.#sink(this.#buffer.subarray(0, this.#size));
    this.#size = 0;
  }

  /** Writes digits from the right into the field; `units` < 2³¹ has at most five digits before the point. */
  #writeUnits(units: number, negative: boolean): void {
    const buffer = this.#buffer;
    const whole = (units / unit) | 0;
    let length = whole < 10 ? 1 : whole < 100 ? 2 : whole < 1000 ? 3 : 4;
    if (whole >= 10_000) length = 5;
    length += decimals + 1 + (negative ? 1 : 0);
    const fieldEnd = this.#size + Math.max(width, length);
    let at = fieldEnd;
    let rest = units - whole * unit;
    for (let i = 0; i < decimals; i++) {
      const next = (rest / 10) | 0;
      buffer[--at] = zero + rest - next * 10;
      rest = next;
    }
    buffer[--at] = point;
    rest = whole;
    do {
      const next = (rest / 10) | 0;
      buffer[--at] = zero + rest - next * 10;
      rest = next;
    } while (rest > 0);
    if (negative) buffer[--at] = minus;
    while (at > this.#size) buffer[--at] = space;
    this.#size = fieldEnd;
  }

  #writeText(text: string): void {
    for (let i = 0; i < text.length; i++) {
      this.#buffer[this.#size++] = text.charCodeAt(i);
    }
  }
}

function roundHalfEven(exact: number): number {
  const floor = Math.floor(exact);
  const fraction = exact - floor;
  if (fraction > 0.5) return floor + 1;
  if (fraction < 0.5) return floor;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** `%.5f` of a float32 of at least 20,000. */
function largeText(magnitude: number): string {
  if (magnitude >= integersFrom) {
    return `${BigInt(magnitude)}.${"0".repeat(decimals)}`;
  }
  const units = roundHalfEven(magnitude * unit);
  const whole = Math.floor(units / unit);
  const rest = units - whole * unit;
  return `${whole}.${String(rest).padStart(decimals, "0")}`;
}
