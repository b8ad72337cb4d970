/** Damages a file of every parser in 10,000 ways, or in as many as the first argument says, and prints what became of them. */
import { join } from "@std/path";
import { fuzz } from "../helpers/data/fuzz.ts";
import { parsers } from "../helpers/data/parsers.ts";

const mutations = Number(Deno.args[0] ?? 10_000);
const folder = await Deno.makeTempDir();
try {
  for (const parser of parsers()) {
    const { refused, sound, slowestMs, grownMib } = await fuzz(
      parser,
      mutations,
      join(folder, "damaged"),
    );
    console.log(
      `${parser.name.padEnd(16)} ${refused} refused, ${sound} read, slowest ${
        slowestMs.toFixed(1)
      } ms, memory grew by ${Math.round(grownMib)} MiB`,
    );
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
