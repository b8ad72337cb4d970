/** Writes a part of a made-up benchmark: `write_sequences.ts FOLDER SIZE START END`, SIZE as JSON. */
import { writeBenchmarkSequences } from "../../bench/synthetic_benchmark.ts";

const [folder, size, start, end] = Deno.args;
await writeBenchmarkSequences(
  folder,
  JSON.parse(size),
  Number(start),
  Number(end),
);
