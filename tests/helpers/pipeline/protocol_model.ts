import assert from "node:assert/strict";
import { join } from "node:path";
import { uniform } from "../../../data/mod.ts";
import { isFile } from "../../../pipeline/files/file_tree.ts";
import { sha256 } from "../../../pipeline/files/hash.ts";
import type { Stage, StageContext } from "../../../pipeline/stage.ts";
import { storedRecords } from "../../../pipeline/store/store_inventory.ts";
import { Workspace } from "./small/workspace.ts";

/** What a schedule came to. */
export interface ScheduleTally {
  runs: number;
  /** runs that ended in an error, of the schedule's own or a refusal */
  stopped: number;
  records: number;
}

/** Runs of each schedule. */
const runsEach = 5;

/** Share of the moments at which nothing happens. */
const quiet = 0.6;

/**
 * Plans, runs and stores a small pipeline some times while its code, config, outside file, stored inputs and checkpoints are
 * edited, put back, exchanged and cut off at random moments, and compares every stored result with the facts of its key.
 *
 * The first stage says in its output what it read: its parameter, its outside file, and a file of its code that is read
 * late; it goes on from a checkpoint that says so of an earlier attempt. The second one copies that.
 *
 * @throws {AssertionError} when a result stands under a key that says something else
 */
export async function tryProtocol(seed: number): Promise<ScheduleTally> {
  using workspace = new Workspace();
  let draws = 0;
  const draw = () => uniform(seed, "protocol", draws++);
  const pick = <T>(values: readonly T[]) =>
    values[Math.floor(draw() * values.length)];
  const write = (path: string) =>
    workspace.write(path, `${pick(["first", "second", "third"])} ${path}`);
  const actions: ((context?: StageContext) => void)[] = [
    () => write("photo.png"),
    () => write("code/late.txt"),
    () => workspace.settings.total.scale = pick([2, 3, 4]),
    () =>
      workspace.write(
        "code/numbers.ts",
        numbersCode + pick(["0;", "1;", "2;"]),
      ),
    () => exchangeCheckpoints(workspace, draw),
    (context) => context && touchInput(context),
    (context) => {
      if (context !== undefined) throw new Error("cut off");
    },
  ];
  const moment = async (context?: StageContext) => {
    if (draw() < quiet) return;
    pick(actions)(context);
    await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const numbersCode =
    'export const late = new URL("./late.txt", import.meta.url);\n';
  workspace.write("code/numbers.ts", numbersCode);
  write("photo.png");
  write("code/late.txt");

  const tally = { runs: 0, stopped: 0, records: 0 };
  for (let run = 0; run < runsEach; run++) {
    await moment();
    try {
      await workspace.run({ stages: stagesOf(workspace, moment) });
    } catch (error) {
      const { message } = error as Error;
      assert.match(
        message,
        /cut off|changed while|edited after/,
        `seed ${seed}`,
      );
      tally.stopped++;
    }
    tally.runs++;
    tally.records = checkRecords(workspace, seed);
  }
  return tally;
}

function stagesOf(
  workspace: Workspace,
  moment: (context: StageContext) => Promise<void>,
): Stage[] {
  const [numbers, total] = workspace.stages();
  const { scale } = workspace.settings.total;
  const write = (context: StageContext, text: string) =>
    Deno.writeTextFileSync(join(context.outputDirectory, "read.txt"), text);
  return [{
    ...numbers,
    parameters: () => ({ scale }),
    externalFiles: () => Promise.resolve([workspace.path("photo.png")]),
    async run(context) {
      const path = join(context.scratchDirectory, "checkpoint");
      let state = readCheckpoint(path);
      if (state?.key !== context.key) {
        await moment(context);
        const photo = sha256(workspace.read("photo.png"));
        await moment(context);
        const late = sha256(workspace.read("code/late.txt"));
        await moment(context);
        state = { key: context.key, scale, photo, late };
        await context.refuseChangedSources();
        Deno.writeTextFileSync(path, JSON.stringify(state));
      }
      await moment(context);
      write(context, JSON.stringify(state));
    },
  }, {
    ...total,
    parameters: () => ({}),
    inputs: () => [{ stage: "numbers", paths: ["read.txt"] }],
    async run(context) {
      await moment(context);
      const input = join(context.input("numbers"), "read.txt");
      write(context, sha256(Deno.readTextFileSync(input)));
      await moment(context);
    },
  }];
}

function readCheckpoint(path: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(path));
  } catch {
    return undefined; // the first attempt
  }
}

/** Copies the checkpoint of some stage key into the scratch folder of another one. */
function exchangeCheckpoints(workspace: Workspace, draw: () => number): void {
  const { scratchDirectory } = workspace.store();
  let names: string[];
  try {
    names = [...Deno.readDirSync(scratchDirectory)].map(({ name }) => name);
  } catch {
    return; // nothing ran yet
  }
  const pick = () => names[Math.floor(draw() * names.length)];
  if (names.length < 2) return;
  const [from, to] = [pick(), pick()].map((name) =>
    join(scratchDirectory, name, "checkpoint")
  );
  if (from !== to && readCheckpoint(from) !== undefined) {
    Deno.copyFileSync(from, to);
  }
}

/** Writes to a stored input through its link. */
function touchInput(context: StageContext): void {
  try {
    const input = join(context.input("numbers"), "read.txt");
    Deno.chmodSync(input, 0o644);
    Deno.writeTextFileSync(input, "touched");
  } catch {
    // a stage without inputs
  }
}

/** @returns how many there are */
function checkRecords(workspace: Workspace, seed: number): number {
  const store = workspace.store();
  let count = 0;
  for (const { record } of storedRecords(store)) {
    assert.ok(record !== undefined);
    count++;
    const { facts, outputs: [{ digest }] } = record;
    const path = store.objects.path(digest);
    if (!isFile(path)) continue; // set aside: it will be computed again
    const text = Deno.readTextFileSync(path);
    if (sha256(text) !== digest) continue; // touched: it will be set aside
    const label = `seed ${seed}, ${facts.stage}`;
    if (facts.stage === "numbers") {
      const { scale, photo, late, key } = JSON.parse(text);
      assert.equal(key, record.key, label);
      assert.equal(scale, facts.parameters.scale, label);
      assert.equal(photo, facts.external[0].digest, label);
      assert.equal(late, facts.code["code/late.txt"], label);
    } else assert.equal(text, facts.inputs.numbers["read.txt"], label);
  }
  return count;
}
