import { join } from "@std/path";
import { projectDirectory } from "../command_line.ts";
import { writeCollages } from "../data/test_images.ts";

/**
 * Writes `smoke.toml` into a folder: configs/smoke.toml on two small drawn photographs, whose patches are cut in a tenth of
 * the time that the bundled ones take.
 *
 * @param sections more of the config
 * @returns its path
 */
export async function writeDrawnSmoke(
  folder: string,
  sections = "",
): Promise<string> {
  const photographs = join(folder, "photographs");
  Deno.mkdirSync(photographs);
  await writeCollages(photographs, ["a.png", "b.png"], 260, 250);
  const path = join(folder, "smoke.toml");
  const smoke = join(projectDirectory, "configs/smoke.toml");
  Deno.writeTextFileSync(
    path,
    `extends = ${JSON.stringify(smoke)}
[download]
source_dir = ${JSON.stringify(photographs)}
sigmas_v = "2,3"
${sections}`,
  );
  return path;
}
