import assert from "node:assert/strict";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { silentLog } from "../../../pipeline/log.ts";
import {
  configOf,
  trainStage,
  writeInputs,
} from "../../helpers/pipeline/small/training.ts";
import { trainPlanted } from "./planted_training.ts";

describe("trainPlanted", () => {
  it("trains stage 1's network, byte for byte, where nothing is planted", async () => {
    const folder = Deno.makeTempDirSync({ prefix: "planted-" });
    try {
      await writeInputs(folder);
      await trainStage(folder, "stage1");
      const modelPath = join(folder, "planted.safetensors");
      await trainPlanted(configOf(), {
        download: join(folder, "download"),
        splitKeypoints: 0,
        modelPath,
        label: "planted",
        log: silentLog,
      });
      const [ofStage, planted] = [
        join(folder, "output", "model.safetensors"),
        modelPath,
      ].map((path) => Deno.readFileSync(path).toHex());
      assert.equal(planted, ofStage);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
});
