/** The shortest text of a number, of at most nine digits, that read as a float32 gives the float32 nearest to the number. */
export function singleText(value: number): string {
  const single = Math.fround(value);
  for (const digits of [7, 8]) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return String(short);
  }
  return String(Number(single.toPrecision(9)));
}
