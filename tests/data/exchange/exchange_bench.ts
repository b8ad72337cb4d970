/**
 * What writing features for other programs costs: `./run bench:exchange [photographs] [keypoints]`, on the file system of the temporary
 * folder. For each format the time, the bytes, and the most memory that the process had while it was written.
 *
 * @module
 */
import { join } from "node:path";
import { featureWriters } from "../../../data/exchange/formats.ts";
import { formatNames } from "../../../data/exchange/format_names.ts";
import { madeUpPhotograph } from "../../helpers/data/exchange_sample.ts";

const [photographs = "1000", keypoints = "2000"] = Deno.args;
const photograph = madeUpPhotograph({ name: "", count: Number(keypoints) });

function sizeOf(folder: string): number {
  return [...Deno.readDirSync(folder)].reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum +
      (entry.isDirectory ? sizeOf(path) : Deno.statSync(path).size);
  }, 0);
}

console.log(`${photographs} photographs, ${keypoints} keypoints each`);
for (const format of formatNames) {
  const directory = Deno.makeTempDirSync({ prefix: "exchange-bench-" });
  try {
    const startMs = performance.now();
    let mostBytes = 0;
    using writer = featureWriters[format]({
      directory,
      onlyInliers: false,
      descriptors: "float32",
    });
    for (let number = 0; number < Number(photographs); number++) {
      const name = `hall/${number}.jpg`;
      await writer.addPhotograph({ ...photograph, name });
      mostBytes = Math.max(mostBytes, Deno.memoryUsage().rss);
    }
    writer.finish();
    const seconds = (performance.now() - startMs) / 1000;
    const [size, memory] = [sizeOf(directory), mostBytes].map((bytes) =>
      `${Math.round(bytes / 1e6)} MB`
    );
    console.log(
      `  ${format.padEnd(12)} ${
        seconds.toFixed(1)
      } s, ${size}, memory ${memory}`,
    );
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}
