/** Runs one training stage for a test that kills it: `train_once.ts <folder> <stage> <override>…`. */
import { trainStage } from "./training.ts";

const [folder, stage, ...overrides] = Deno.args;
await trainStage(folder, stage === "stage2" ? "stage2" : "stage1", {
  overrides,
  log: {
    info() {},
    warn: console.error,
    progress: () => ({
      update: (done) => console.log(done),
      finish() {},
    }),
  },
});
