/** Runs one training stage for train_test.ts, which kills it: `train_once.ts <folder> <stage>`. */
import { trainStage } from "./training.ts";

const [folder, stage] = Deno.args;
await trainStage(folder, stage === "stage2" ? "stage2" : "stage1", {
  log: {
    info() {},
    warn: console.error,
    progress: () => ({
      update: (done) => console.log(done),
      finish() {},
    }),
  },
});
