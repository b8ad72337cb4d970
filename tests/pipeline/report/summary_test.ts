import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { PipelineError } from "../../../pipeline/errors.ts";
import {
  allReached,
  readRun,
  summaryBadge,
  summaryTables,
} from "../../../pipeline/report/summary.ts";
import { projectDirectory, runProcess } from "../../helpers/command_line.ts";

/** A `results.json` with one test set, and a split where its config has one. */
function results(name: string, fpr95: number, verdicts: string[]): string {
  const kinds = { inter: { auc: 1, ap: 0.6 }, intra: { auc: 1, ap: 0.4 } };
  return JSON.stringify({
    config: { name, seed: 211 },
    phototour: { liberty: { trained: { fpr95, ap: 0.9 }, sift: { fpr95: 1 } } },
    hpatches: name === "nd" ? {} : {
      full: {
        trained: {
          verification: { easy: kinds, hard: kinds, tough: kinds },
          matching: { easy: 0.9, hard: 0.6, tough: 0.3, mean: 0.6 },
        },
      },
    },
    expect: verdicts.map((verdict, at) => ({
      measure: at === 0 ? "fpr95" : "matching",
      on: at === 0 ? "liberty" : "full",
      value: 0.0123,
      tolerance: 0.01,
      ours: verdict === "not measured" ? null : fpr95,
      difference: verdict === "not measured" ? null : fpr95 - 0.0123,
      verdict,
    })),
    stages: {},
    adapter: {},
  });
}

describe("the summary of several runs", () => {
  let folder: string;
  beforeEach(() => {
    folder = Deno.makeTempDirSync();
  });
  afterEach(() => Deno.removeSync(folder, { recursive: true }));

  function write(name: string, text: string): string {
    const path = join(folder, `${name}.json`);
    Deno.writeTextFileSync(path, text);
    return path;
  }

  it("joins their figures, with a dash where one has none", () => {
    const runs = [
      readRun(write("lib", results("lib", 0.0125, ["met", "missed"]))),
      readRun(write("nd", results("nd", 0.5, ["not measured"]))),
    ];
    const [trained, expected] = summaryTables(runs);
    assert.deepEqual(trained.header, [
      "config",
      "FPR95 liberty ↓",
      "verification full ↑",
      "matching full ↑",
    ]);
    assert.deepEqual(trained.rows, [
      ["lib", "1.25", "50.00", "60.00"],
      ["nd", "50.00", "–", "–"],
    ]);
    assert.equal(expected.header.length, expected.rows[0].length);
    assert.deepEqual(expected.rows, [
      ["lib", "FPR95 liberty", "1.23", "1.25", "+0.02", "1.00", "met"],
      ["lib", "matching full", "1.23", "1.25", "+0.02", "1.00", "missed"],
      ["nd", "FPR95 liberty", "1.23", "–", "–", "1.00", "not measured"],
    ]);
  });

  const badges: [verdicts: string[], message: string, color: string][] = [
    [[], "none compared", "lightgrey"],
    [["met", "better"], "2 of 2 reached", "brightgreen"],
    [["met", "missed"], "1 of 2 reached", "orange"],
    [["missed", "not measured"], "0 of 2 reached", "red"],
  ];
  for (const [verdicts, message, color] of badges) {
    it(`has a ${color} badge for ${verdicts.join(" and ") || "nothing"}`, () => {
      const run = readRun(write("lib", results("lib", 0.1, verdicts)));
      assert.deepEqual(summaryBadge([run]), {
        schemaVersion: 1,
        label: "published figures",
        message,
        color,
      });
      assert.equal(
        allReached([run]),
        color === "brightgreen" || color === "lightgrey",
      );
    });
  }

  it("refuses what is no run's results, in one line", () => {
    const refused: [content: string, found: RegExp][] = [
      ["{", /found text that is not JSON, wanted a results\.json/],
      [" \n", /found an empty file, wanted/],
      ["{}", /found no config, wanted a results\.json/],
      [
        '{"config":{"name":"x"},"phototour":{"y":7}}',
        /found 7 at phototour\.y/,
      ],
    ];
    for (const [content, found] of refused) {
      const path = write("x", content);
      assert.throws(() => readRun(path), (error) => {
        assert.ok(error instanceof PipelineError);
        assert.ok(
          error.message.startsWith(`Cannot join the results: ${path}: found `),
        );
        assert.match(error.message, found);
        return true;
      });
    }
    for (
      const [path, found] of [
        [join(folder, "nowhere.json"), "no such file"],
        [folder, "a folder"],
        ...(Deno.build.os === "windows"
          ? []
          : [["/dev/zero", "a device or a pipe"]]),
      ]
    ) {
      assert.throws(() => readRun(path), {
        message:
          `Cannot join the results: ${path}: found ${found}, wanted a results.json that a run wrote`,
      });
    }
  });

  it("is a command that prints Markdown, writes the badge and tells by its exit code", async () => {
    const good = write("lib", results("lib", 0.0125, ["met"]));
    const bad = write("nd", results("nd", 0.5, ["missed"]));
    const badge = join(folder, "badges", "paper.json");
    const summary = (...args: string[]) =>
      runProcess(Deno.execPath(), [
        "run",
        "--no-prompt",
        "--allow-read",
        "--allow-write",
        `${projectDirectory}/pipeline/cli.ts`,
        "summary",
        ...args,
      ]);
    const fine = await summary(good, "--check-expectations", "--badge", badge);
    assert.equal(fine.code, 0, fine.stderr);
    assert.match(fine.stdout, /^\| lib \| 1\.25 \| 50\.00 \| 60\.00 \|$/m);
    assert.match(fine.stdout, /^\| lib \| FPR95 liberty \| .* \| met \|$/m);
    assert.equal(
      JSON.parse(Deno.readTextFileSync(badge)).message,
      "1 of 1 reached",
    );
    assert.equal((await summary(good, bad)).code, 0);
    assert.equal((await summary(good, bad, "--check-expectations")).code, 1);
  });
});
