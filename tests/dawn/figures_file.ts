import { Buffer } from "node:buffer";

/** What one WebGPU computed. */
export interface Figures {
  adapter: string;
  values: Map<string, Float32Array>;
}

/** Figures as JSON, every bit of them. */
export function figuresText(
  adapter: string,
  figures: Readonly<Record<string, Float32Array>>,
): string {
  const values = Object.entries(figures).map(([name, floats]) => {
    const { buffer, byteOffset, byteLength } = floats;
    return [
      name,
      Buffer.from(buffer, byteOffset, byteLength).toString("base64"),
    ];
  });
  return JSON.stringify({ adapter, values });
}

/** Reads what {@linkcode figuresText} wrote. */
export function readFigures(text: string): Figures {
  const { adapter, values }: { adapter: string; values: [string, string][] } =
    JSON.parse(text);
  return {
    adapter,
    values: new Map(values.map(([name, base64]) => {
      // A copy of their own, because floats begin at a multiple of four.
      const bytes = Uint8Array.from(Buffer.from(base64, "base64"));
      return [name, new Float32Array(bytes.buffer)];
    })),
  };
}
