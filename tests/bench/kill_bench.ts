/**
 * Kills a small pipeline at random moments and compares every byte after each recovery: `./run test:kill [kills] [seed]`.
 *
 * @module
 */
import { killTrials } from "../helpers/pipeline/kill_trials.ts";

const [kills = "300", seed = "2"] = Deno.args;
const folders: [string, string] = [
  Deno.makeTempDirSync({ prefix: "kill-" }),
  Deno.makeTempDirSync({ prefix: "kill-" }),
];
const startMs = performance.now();
try {
  const tally = await killTrials(
    folders,
    Number(kills),
    Number(seed),
    ({ kills, compared }) => {
      if (compared % 10 === 0) {
        console.error(`${kills} kills, ${compared} recoveries`);
      }
    },
  );
  const seconds = Math.round((performance.now() - startMs) / 1000);
  console.log(
    `${tally.kills} kills, ${tally.survivors} runs that ended first, ${tally.compared} recoveries with the same bytes (${tally.resumed} resumed), nothing left over; ${seconds} s`,
  );
} finally {
  for (const folder of folders) Deno.removeSync(folder, { recursive: true });
}
