/** Powers of ten that a double holds exactly. */
const powersOfTen = Array.from({ length: 23 }, (_, power) => 10 ** power);

/** The shortest text of a number, of at most nine digits, that read as a float32 gives the float32 nearest to the number. */
export function singleText(value: number): string {
  const single = Math.fround(value);
  const magnitude = Math.floor(Math.log10(Math.abs(single)));
  for (let digits = 7; digits <= 9; digits++) {
    // The quotient of two exact doubles is the double that its decimal text means, which prints as that text.
    const power = powersOfTen[digits - 1 - magnitude];
    const short = Math.round(single * power) / power;
    if (Math.fround(short) === single) return String(short);
  }
  // Very small and very large ones, where the power is none of those.
  const texts = [7, 8, 9].map((digits) => Number(single.toPrecision(digits)));
  return String(texts.find((text) => Math.fround(text) === single) ?? single);
}
