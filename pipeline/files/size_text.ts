const units: readonly [name: string, sizeBytes: number][] = [
  ["TB", 1e12],
  ["GB", 1e9],
  ["MB", 1e6],
  ["KB", 1e3],
];

/** `1.3 GB`; powers of 1000, three digits. */
export function formatSize(sizeBytes: number): string {
  for (const [name, unitBytes] of units) {
    const count = sizeBytes / unitBytes;
    if (count >= 1) return `${Number(count.toPrecision(3))} ${name}`;
  }
  return `${sizeBytes} B`;
}
