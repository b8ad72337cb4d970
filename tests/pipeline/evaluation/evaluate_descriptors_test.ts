import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import { DataError } from "../../../data/mod.ts";
import {
  evaluateDescriptors,
  type EvaluateDescriptorsOptions,
} from "../../../pipeline/evaluation/evaluate_descriptors.ts";
import type { HpatchesTask } from "../../../pipeline/config/task_names.ts";
import { recordedLog } from "../../helpers/pipeline/recorded_log.ts";
import { silentLog } from "../../../pipeline/log.ts";
import { assertClose } from "../../helpers/closeness.ts";

const golden = fileURLToPath(
  new URL("../../golden/evaluation", import.meta.url),
);
const tasks: HpatchesTask[] = ["verification", "matching", "retrieval"];
const retrievalCuts = [3, 5, 8, 15, 40, 1000];

/** Entries of the largest pool of a case: a query's five patches and the distractors of other sequences. */
function largestPool(folder: string): number {
  const sequencesOf = (kind: string) =>
    Deno.readTextFileSync(join(folder, "tasks", `retr_${kind}_split-x.csv`))
      .trimEnd().split("\n").slice(1).map((line) => line.split(",")[0]);
  const distractors = sequencesOf("distractors");
  const pools = sequencesOf("queries").map((own) =>
    5 + distractors.filter((sequence) => sequence !== own).length
  );
  return Math.max(...pools);
}

/**
 * What is expected of pool sizes that some pool has: the independent implementation counts larger ones as the whole pool,
 * which is what the largest pool's size measures.
 */
function reached<
  T extends { retrieval: Record<string, Record<string, number>> },
>(
  expected: T,
  largest: number,
): T {
  const retrieval = Object.fromEntries(
    Object.entries(expected.retrieval).map(([level, figures]) => {
      const kept = Object.entries(figures).filter(([cut]) =>
        Number(cut) <= largest
      );
      const all = [...kept, [largest, figures[1000]]];
      return [level, Object.fromEntries(all)];
    }),
  );
  return { ...expected, retrieval };
}

function evaluateCase(
  folder: string,
  norm: "L2" | "L1" = "L2",
  more: Partial<EvaluateDescriptorsOptions> = {},
) {
  return evaluateDescriptors({
    descriptorsDirectory: join(folder, "descriptors"),
    tasksDirectory: join(folder, "tasks"),
    splits: ["x"],
    tasks,
    retrievalCuts,
    norm,
    label: "d",
    log: silentLog,
    ...more,
  });
}

describe("evaluateDescriptors", () => {
  for (const name of ["plain", "tied", "duplicated", "constant", "whitened"]) {
    it(`agrees with the independent implementation on ${name} descriptors`, async () => {
      const folder = join(golden, name);
      const expected = JSON.parse(
        await Deno.readTextFile(join(folder, "figures.json")),
      );
      const largest = largestPool(folder);
      for (const norm of ["L2", "L1"] as const) {
        const { splits } = await evaluateCase(folder, norm, {
          retrievalCuts: [...retrievalCuts, largest],
        });
        const wanted = reached(expected[norm], largest);
        assertClose(splits.x, wanted, 1e-6, `${name} ${norm}`);
      }
    });
  }

  it("agrees with it after PCA and power law", async () => {
    const folder = join(golden, "whitened");
    const expected = JSON.parse(
      await Deno.readTextFile(join(folder, "figures.json")),
    );
    const largest = largestPool(folder);
    const { splits } = await evaluateCase(folder, "L2", {
      pcaPowerLaw: true,
      retrievalCuts: [...retrievalCuts, largest],
    });
    assertClose(splits.x, reached(expected["L2 pcapl"], largest), 1e-6);
    assert.notEqual(splits.x.matching!.mean, expected.L2.matching.mean);
  });

  it("leaves out and tells pool sizes that no pool has, so that the mean counts the whole pool once", async () => {
    const folder = join(golden, "plain");
    const largest = largestPool(folder);
    const few = await evaluateCase(folder, "L2", { retrievalCuts: [8, 15] });
    const many = await evaluateCase(folder, "L2", {
      retrievalCuts: [8, 15, largest + 1, 5000, 20_000],
    });
    assert.deepEqual(many.splits, few.splits);
    assert.deepEqual(few.warnings, []);
    assert.deepEqual(many.warnings, [
      `retrieval of split x leaves out k = ${
        largest + 1
      }, 5000, 20000: its largest pool has ${largest} entries; measured at k = 8, 15`,
    ]);
    const none = await evaluateCase(folder, "L2", { retrievalCuts: [1000] });
    const expected = JSON.parse(
      await Deno.readTextFile(join(folder, "figures.json")),
    );
    assertClose(
      none.splits.x.retrieval!.mean,
      { [largest]: expected.L2.retrieval.mean[1000] },
      1e-6,
    );
  });

  it("warns of every task that ties decide, and only then", async () => {
    const cuts = { retrievalCuts: [3, 5, 8] };
    assert.deepEqual(
      (await evaluateCase(join(golden, "plain"), "L2", cuts)).warnings,
      [],
    );
    const { warnings } = await evaluateCase(
      join(golden, "constant"),
      "L2",
      cuts,
    );
    assert.equal(warnings.length, 3);
    tasks.forEach((task, i) => {
      assert.ok(
        warnings[i].startsWith(
          `ties between equal distances decide ${task} of d, split x: `,
        ),
      );
    });
    assert.match(warnings[2], /is 1\.0000 in the benchmark's order/);
  });

  it("evaluates only what is asked for", async () => {
    const { splits } = await evaluateDescriptors({
      descriptorsDirectory: join(golden, "plain", "descriptors"),
      tasksDirectory: join(golden, "plain", "tasks"),
      splits: ["x"],
      tasks: ["matching"],
      log: silentLog,
    });
    assert.deepEqual(Object.keys(splits.x), ["matching"]);
  });
});

describe("evaluateDescriptors warns of a column that counts the rows", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await Deno.makeTempDir();
    await copyFolder(join(golden, "plain"), folder);
  });
  afterEach(() => Deno.remove(folder, { recursive: true }));

  /** Puts a column before the descriptors, given the row and the file's path. */
  async function addColumn(value: (row: number, path: string) => number) {
    const descriptors = join(folder, "descriptors");
    for (const { name } of [...Deno.readDirSync(descriptors)]) {
      for (const file of [...Deno.readDirSync(join(descriptors, name))]) {
        const path = join(descriptors, name, file.name);
        const lines = Deno.readTextFileSync(path).trimEnd().split("\n");
        const text = lines.map((line, row) => `${value(row, path)},${line}\n`);
        await Deno.writeTextFile(path, text.join(""));
      }
    }
  }
  const leaks = async () =>
    (await evaluateCase(folder)).warnings.filter((line) =>
      line.startsWith("column")
    );

  for (const start of [0, 1]) {
    it(`from ${start} in every file`, async () => {
      await addColumn((row) => row + start);
      const [line] = await leaks();
      assert.match(
        line,
        /^column 1 of d counts the rows in every file: .*figures mean nothing/,
      );
    });
  }

  it("but not of one that does so in some files only", async () => {
    await addColumn((row, path) => path.endsWith("t3.csv") ? 2 * row : row);
    assert.deepEqual(await leaks(), []);
  });
});

describe("evaluateDescriptors tells what it passes over", () => {
  it("in the folder of descriptors, but not the sequences of other splits", async () => {
    const folder = await Deno.makeTempDir();
    await copyFolder(join(golden, "plain"), folder);
    const log = recordedLog();
    await evaluateCase(folder, "L2", { log });
    assert.deepEqual(log.lines, []);
    for (const name of ["notes", ".git"]) {
      await Deno.mkdir(join(folder, "descriptors", name));
    }
    await Deno.writeTextFile(join(folder, "descriptors", "all.npy"), "");
    const splits = join(folder, "tasks/splits/splits.json");
    const text = JSON.parse(await Deno.readTextFile(splits));
    text.other = { name: "other", test: ["v_elsewhere"] };
    await Deno.writeTextFile(splits, JSON.stringify(text));
    await Deno.mkdir(join(folder, "descriptors", "v_elsewhere"));
    await evaluateCase(folder, "L2", { log });
    await Deno.remove(folder, { recursive: true });
    assert.deepEqual(log.lines, [
      "d: passed over all.npy, notes, which no split names",
    ]);
  });
});

describe("evaluateDescriptors refuses", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await Deno.makeTempDir();
    await copyFolder(join(golden, "constant"), folder);
  });
  afterEach(async () => {
    await Deno.remove(folder, { recursive: true });
  });

  async function refuses(message: string | RegExp) {
    await assert.rejects(evaluateCase(folder), (error: unknown) => {
      assert.ok(error instanceof DataError, String(error));
      assert.match(error.message, new RegExp(message));
      return true;
    });
  }
  const rows = (path: string) =>
    Deno.readTextFileSync(join(folder, path)).trimEnd().split("\n");
  const write = (path: string, lines: string[]) =>
    Deno.writeTextFileSync(join(folder, path), `${lines.join("\n")}\n`);

  it("a sequence of the split that is absent", async () => {
    await Deno.remove(join(folder, "descriptors/v_first"), { recursive: true });
    await refuses(
      "descriptors/v_first: found no such folder, wanted descriptors of sequence v_first, which split x names",
    );
  });

  it("a sequence that only a task file names", async () => {
    write("tasks/verif_pos_split-x.csv", [
      "s1,t1,idx1,s2,t2,idx2",
      "v_new,1,0,v_new,2,0",
    ]);
    await refuses("v_new: found no such folder.*verif_pos_split-x.csv names");
  });

  it("a type that is missing", async () => {
    await Deno.remove(join(folder, "descriptors/v_first/h3.csv"));
    await refuses("v_first/h3.csv: found no such file");
  });

  it("numbers that are not finite, with file and line", async () => {
    const lines = rows("descriptors/v_first/t2.csv");
    lines[3] = "       nan,   0.25000";
    write("descriptors/v_first/t2.csv", lines);
    await refuses('v_first/t2.csv:4: found "nan", wanted a finite number');
  });

  it("another dimension than the first file's", async () => {
    const lines = rows("descriptors/v_first/e1.csv").map((line) => `${line},1`);
    write("descriptors/v_first/e1.csv", lines);
    await refuses(
      "v_first/e1.csv: found 3 values in a row, wanted 2 as in .*i_three/ref.csv",
    );
  });

  it("types with different numbers of rows", async () => {
    write(
      "descriptors/v_first/e1.csv",
      rows("descriptors/v_first/e1.csv").slice(1),
    );
    await refuses("v_first/e1.csv: found 5 rows, wanted 6 as in .*ref.csv");
  });

  it("a task that names a patch beyond the rows, with file and line", async () => {
    const lines = rows("tasks/verif_neg_intra_split-x.csv");
    lines[7] = "i_three,1,3,i_three,2,0";
    write("tasks/verif_neg_intra_split-x.csv", lines);
    await refuses(
      "verif_neg_intra_split-x.csv:8: found patch 3 of i_three, wanted below 3",
    );
  });

  it("a query beyond the rows, and no query at all", async () => {
    write("tasks/retr_queries_split-x.csv", [
      "s,idx",
      "i_three,2",
      "i_three,9",
    ]);
    await refuses(
      "retr_queries_split-x.csv:3: found patch 9 of i_three, wanted below 3",
    );
    write("tasks/retr_queries_split-x.csv", ["s,idx"]);
    await refuses("retr_queries_split-x.csv: found no query");
  });

  it("a split that is unknown or empty", async () => {
    write("tasks/splits/splits.json", [
      '{"a": {"test": ["x"]}, "b": {"test": ["x"]}}',
    ]);
    await refuses('splits.json: found no split "x", wanted one of a, b');
    write("tasks/splits/splits.json", ['{"x": {"test": []}}']);
    await refuses('splits.json: found no test sequence in split "x"');
  });
});

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory) await copyFolder(source, target);
    else await Deno.copyFile(source, target);
  }
}
