import assert from "node:assert/strict";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { pathToFileURL } from "node:url";
import { encodePng } from "../../../data/mod.ts";
import { projectDirectory, runProcess } from "../../helpers/command_line.ts";
import { goldenPhotograph } from "../../helpers/features/golden_photographs.ts";
import { writeUntrainedModel } from "../../helpers/pipeline/untrained_model.ts";

describe("docs/matching.md", () => {
  it("has a program that matches two photographs", async () => {
    const page = Deno.readTextFileSync(
      join(projectDirectory, "docs/matching.md"),
    );
    const [, program] = page.split(/```ts[^\n]*\n/)[1].match(/^([^]*?)```/)!;
    const folder = Deno.makeTempDirSync();
    try {
      const { width, height, pixels } = await goldenPhotograph("black-canyon");
      const part = { width, height: 160, pixels: pixels.slice(0, 160 * width) };
      assert.ok(height > part.height);
      const photograph = encodePng({
        ...part,
        pixels: Uint8Array.from(part.pixels),
      });
      for (const name of ["left.jpg", "right.jpg"]) {
        Deno.writeFileSync(join(folder, name), photograph);
      }
      const network = join(folder, "runs/demo/stage2");
      Deno.mkdirSync(network, { recursive: true });
      await writeUntrainedModel(join(network, "model.safetensors"), 4);
      const face = pathToFileURL(join(projectDirectory, "mod.ts"));
      Deno.writeTextFileSync(
        join(folder, "mod.ts"),
        `export * from "${face}";`,
      );
      Deno.writeTextFileSync(
        join(folder, "main.ts"),
        `${program}
console.log(left.keypoints.length, matches.left.length);
const found = geometry.kind === "homography" ? geometry.matrix : null;
console.log(JSON.stringify(found?.map(Math.round)));
`,
      );
      const { code, stdout, stderr } = await runProcess(Deno.execPath(), [
        "run",
        "--no-prompt",
        `--config=${join(projectDirectory, "deno.json")}`,
        "--allow-read",
        join(folder, "main.ts"),
      ], { cwd: folder });
      assert.equal(code, 0, stderr);
      const [counts, matrix] = stdout.split("\n");
      const [keypoints, matches] = counts.split(" ").map(Number);
      // One photograph twice: only places that look alike have no match.
      assert.ok(keypoints > 100 && matches > 0.8 * keypoints, counts);
      assert.equal(matrix, "[1,0,0,0,1,0,0,0,1]");
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
});
