import { join } from "@std/path";
import { fileURLToPath } from "node:url";
import type { DownloadCost } from "../../bench/download_once.ts";
import { makeTarGz, makeZip } from "../data/archives.ts";
import { runProcess } from "../command_line.ts";
import { serveFolder } from "../data/file_server.ts";
import { hpatchesFiles, taskFiles } from "../data/published_files.ts";
import { writeSyntheticPhotoTour } from "../data/synthetic_phototour.ts";

/** How large the archives are. */
export interface ArchiveSizes {
  /** patches of the set that trains */
  training: number;
  /** patches of the test set */
  test: number;
  sequences: number;
  /** patches in each strip */
  strips: number;
}

/** Writes the four archives that a config needs into a folder: `liberty.zip` to train on, `notredame.zip` to test on. */
export function writeArchives(folder: string, sizes: ArchiveSizes): void {
  writeSyntheticPhotoTour(join(folder, "liberty.zip"), sizes.training);
  writeSyntheticPhotoTour(join(folder, "notredame.zip"), sizes.test);
  const names = Array.from(
    { length: sizes.sequences },
    (_, i) => `${i % 2 === 0 ? "i" : "v"}_${i}`,
  );
  Deno.writeFileSync(
    join(folder, "hpatches-release.zip"),
    makeZip(hpatchesFiles(names, sizes.strips)),
  );
  Deno.writeFileSync(
    join(folder, "tasks.tar.gz"),
    makeTarGz(taskFiles(names, sizes.strips)),
  );
}

/**
 * Fetches the archives of a folder over HTTP and makes the data set of them, in a process of its own that may reach loopback only.
 */
export async function downloadOver(
  archives: string,
  folder: string,
): Promise<DownloadCost> {
  await using server = serveFolder(archives);
  const config = join(folder, "download.toml");
  const mirrors = [
    ["liberty", "liberty.zip"],
    ["notredame", "notredame.zip"],
    ["hpatches", "hpatches-release.zip"],
    ["tasks", "tasks.tar.gz"],
  ].map(([set, file]) => `${set} = ["${server.origin}/${file}"]`);
  Deno.writeTextFileSync(
    config,
    `[download]
source = "phototour"
training_set = "liberty"
test_sets = ["notredame"]
partial_sets = true
[evaluate]
splits = ["a"]
[mirrors]
${mirrors.join("\n")}
`,
  );
  const script = fileURLToPath(
    new URL("../../bench/download_once.ts", import.meta.url),
  );
  // Through a shell: a process counts the memory of the one that it was forked from as its own peak.
  const { code, stdout, stderr } = await runProcess("sh", [
    "-c",
    '"$@"; exit $?',
    "sh",
    Deno.execPath(),
    "run",
    "--no-prompt",
    "--quiet",
    "--allow-read",
    `--allow-write=${folder}`,
    `--allow-net=${new URL(server.origin).host}`,
    script,
    folder,
    config,
  ]);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
