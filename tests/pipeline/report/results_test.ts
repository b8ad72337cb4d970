import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { Config } from "../../../pipeline/config.ts";
import type { Measures } from "../../../pipeline/evaluation/measures.ts";
import { keypointCaption } from "../../../pipeline/report/pictures/photograph.ts";
import { usualPagePort } from "../../../pipeline/report/page_port.ts";
import type { ReportOptions } from "../../../pipeline/report/html_report.ts";
import { resultsText, writeReport } from "../../../pipeline/report/results.ts";

const noiseFigures = {
  inter: { auc: 0.9, ap: 0.5 },
  intra: { auc: 0.8, ap: 0.4 },
};

const measures: Measures = {
  phototour: {
    "photos|held out": {
      trained: { fpr95: 0.12345, ap: 0.9, auc: 0.95 },
      pixels: { fpr95: 0.5, ap: 0.6, auc: 0.7 },
    },
  },
  hpatches: {
    full: {
      trained: {
        verification: {
          easy: noiseFigures,
          hard: noiseFigures,
          tough: noiseFigures,
        },
        matching: { easy: 0.9, hard: 0.6, tough: 0.3, mean: 0.6 },
        retrieval: {
          easy: { 100: 0.8, 500: 0.7 },
          hard: { 100: 0.6, 500: 0.5 },
          tough: { 100: 0.4, 500: 0.3 },
          mean: { 100: 0.6, 500: 0.5 },
        },
      },
      pixels: { matching: { easy: 0.5, hard: 0.2, tough: 0.1, mean: 0.8 / 3 } },
    },
  },
  image_pairs: {
    photos: {
      trained: {
        ratio: 0.85,
        tuned: true,
        pairs: 6,
        matches: 151.25,
        estimated: 1,
        figures: { mma_1: 0.5, mma_3: 0.75, recall_3: 0.5, corner_auc_3: 0.71 },
      },
      pixels: {
        ratio: 0.9,
        tuned: true,
        pairs: 6,
        matches: 140,
        estimated: 0.5,
        figures: { mma_1: 0.4, mma_3: 0.6, recall_3: null, corner_auc_3: 0.5 },
      },
    },
  },
  pairs: { "photos|held out": 2000 },
  sequences: { full: ["i_x", "v_y"] },
  warnings: ["ties between equal distances decide something"],
};

const config = {
  name: "demo",
  seed: 211,
  download: { source: "photos", training_set: "liberty" },
  expect: { source: "a paper", figures: ["matching full 60.2 ± 0.1"] },
} as Config;

const curve = {
  roc: { x: [0, 0.1, 1], y: [0, 0.8, 1] },
  precisionRecall: { x: [0.5, 1], y: [1, 0.5] },
};

let folder: string;

beforeEach(async () => {
  folder = await Deno.makeTempDir();
});

afterEach(async () => {
  await Deno.remove(folder, { recursive: true });
});

function options(): ReportOptions {
  return {
    runDirectory: folder,
    measures,
    curves: {
      phototour: { "photos|held out": { trained: curve, pixels: curve } },
      hpatches: { full: {} },
    },
    mistakes: {},
    shown_pairs: [{
      set: "photos",
      sequence: "wall",
      left: { width: 20, height: 10, png: "AAAA" },
      right: { width: 30, height: 12, png: "BBBB" },
      matches: {
        untrained: [[1, 2, 3, 4, false]],
        trained: [[1, 2, 3, 4, true], [5, 6, 7, 8, false]],
      },
    }],
    photographs: [{
      name: "wall",
      width: 2000,
      height: 1000,
      drawn: { width: 480, height: 240, jpeg: "CCCC" },
      keypoints: [{
        use: "training",
        count: 1200,
        places: [[10.5, 20, 5], [30, 40.25, 8]],
      }],
    }],
    stages: {
      stage1: { key: "0123456789abcdef", fresh: false, seconds: 12.34 },
      evaluate: { key: "fedcba9876543210", fresh: true, seconds: 0.5 },
    },
    adapter: {
      vendor: "mesa",
      description: "llvmpipe",
      architecture: "",
      drivers: ["Vulkan 1.3, libvulkan_lvp.so"],
    },
    config,
  };
}

describe("writeReport", () => {
  it("writes results.json with fractions, stages, adapter and config", async () => {
    await writeReport(options());
    const results = JSON.parse(
      await Deno.readTextFile(join(folder, "results.json")),
    );
    assert.deepEqual(results.phototour, measures.phototour);
    assert.deepEqual(
      results.hpatches,
      JSON.parse(JSON.stringify(measures.hpatches)),
    );
    assert.deepEqual(results.stages, options().stages);
    assert.equal(results.adapter.vendor, "mesa");
    assert.equal(results.config.seed, 211);
    assert.deepEqual(results.warnings, measures.warnings);
  });

  it("writes the same as tables in percent", async () => {
    await writeReport(options());
    const markdown = await Deno.readTextFile(join(folder, "results.md"));
    for (
      const line of [
        "# demo",
        "**Beside the published figures (a paper), %**",
        "| matching full | 60.20 | 60.00 | -0.20 | 0.10 | missed |",
        "**Test pairs photos|held out, %**",
        "| trained | 12.35 | 90.00 | 95.00 |",
        "| trained | 45.00 | 60.00 | 55.00 |",
        "| pixels | – | 26.67 | – |",
        "| trained | 90.00 / 50.00 | 80.00 / 40.00 | 90.00 / 50.00 | 80.00 / 40.00 | 90.00 / 50.00 | 80.00 / 40.00 |",
        "| trained | 500 | 70.00 | 50.00 | 30.00 | 50.00 |",
        "**6 image pairs of photos, each descriptor's ratio chosen on others; figures in %**",
        "| descriptor | ratio | matches | estimated ↑ | MMA 3 px ↑ | recall 3 px ↑ | corner AUC 3 px ↑ |",
        "| trained | 0.85 | 151.3 | 100.00 | 75.00 | 50.00 | 71.00 |",
        "| pixels | 0.90 | 140.0 | 50.00 | 60.00 | – | 50.00 |",
        "**Mean matching accuracy of photos, % within so many pixels**",
        "| descriptor | 1 | 3 |",
        "| trained | 50.00 | 75.00 |",
        "> ties between equal distances decide something",
        "| stage1 | 0123456789ab | ran | 12.3 |",
        "| evaluate | fedcba987654 | restored | 0.5 |",
        "Adapter: vendor mesa, description llvmpipe.",
      ]
    ) assert.ok(markdown.includes(line), `${line} is not in\n${markdown}`);
  });

  it("leaves no temporary file, and says in one line where it cannot write", async () => {
    await writeReport(options());
    const names = [...Deno.readDirSync(folder)].map((entry) => entry.name);
    assert.deepEqual(names.sort(), [
      "figures",
      "report.html",
      "results.json",
      "results.md",
    ]);
    const runDirectory = join(folder, "taken");
    Deno.mkdirSync(join(runDirectory, "results.json"), { recursive: true });
    await assert.rejects(
      writeReport({ ...options(), runDirectory }),
      /^PipelineError: Cannot write the results: .*taken.results\.json: found a directory in place of a file; move that directory away$/,
    );
    assert.equal([...Deno.readDirSync(runDirectory)].length, 1);
  });
});

describe("the pictures of writeReport", () => {
  const pictures = () =>
    [...Deno.readDirSync(join(folder, "figures"))].map(({ name }) => name)
      .sort();

  it("are files of their own and stand in one page with the tables", async () => {
    await writeReport(options());
    assert.deepEqual(pictures(), [
      "fpr95.svg",
      "matched_pair.svg",
      "photograph_wall.svg",
      "roc_pairs.svg",
      "tasks_full.svg",
    ]);
    const page = Deno.readTextFileSync(join(folder, "report.html"));
    // The page has the captions of a pair as its own text, which shrinks with no picture.
    assert.match(
      page,
      /<figcaption>after training: 1 of 2 matches are right \(green\)<\/figcaption><svg/,
    );
    assert.equal(page.match(/base64,AAAA/g)?.length, 1);
    for (const name of pictures()) {
      if (name === "matched_pair.svg") continue;
      const svg = Deno.readTextFileSync(join(folder, "figures", name)).trim();
      assert.ok(page.includes(svg), `${name} is not in the page`);
    }
    assert.match(page, /<td>trained<\/td><td><b>12\.35<\/b><\/td>/);
    const network = `${folder}/stage1/model.safetensors`;
    assert.ok(page.includes(`<code>./run page --model ${network}</code>`));
    // Relative to the page's own folder, and to where that command serves.
    assert.match(page, /<a href="stage1\/model\.safetensors">/);
    const served = `href="http://127.0.0.1:${usualPagePort}/"`;
    assert.ok(page.includes(served));
    assert.match(page, /ties between equal distances decide something/);
    assert.doesNotMatch(
      page.replaceAll("http://www.w3.org/2000/svg", "").replace(served, ""),
      /https?:|<script|<link/,
    );
  });

  it("show a pair before training and after, right matches apart from wrong ones", async () => {
    await writeReport(options());
    const svg = Deno.readTextFileSync(join(folder, "figures/matched_pair.svg"));
    assert.match(svg, /before training: 0 of 1 matches are right/);
    assert.match(svg, /after training: 1 of 2 matches are right/);
    // From x = 5 on the left to 7 on the right, which begins behind 20 pixels and a gap of 12.
    assert.match(
      svg,
      /<line x1="5" y1="\d+" x2="39" y2="\d+" stroke="#c2410c"/,
    );
    assert.match(
      svg,
      /<line x1="1" y1="\d+" x2="35" y2="\d+" stroke="#00795a"/,
    );
    assert.equal(svg.match(/base64,AAAA/g)?.length, 1);
  });

  it("show photographs with their keypoints, told from those that are held out", async () => {
    await writeReport(options());
    const svg = Deno.readTextFileSync(
      join(folder, "figures/photograph_wall.svg"),
    );
    assert.match(svg, /href="data:image\/jpeg;base64,CCCC"/);
    assert.match(svg, /d="M10.5 20h0M30 40.25h0"/);
    const page = Deno.readTextFileSync(join(folder, "report.html"));
    assert.match(
      page,
      /<b>wall<\/b> trains, 2000×1000 pixels<br>.*1,200 keypoints train \(2 shown\)/,
    );
    const [shown] = options().photographs!;
    const tested = { ...shown.keypoints[0], use: "test pairs" as const };
    const captionOf = (...keypoints: typeof shown.keypoints) =>
      keypointCaption({ ...shown, keypoints });
    assert.match(captionOf(tested), /<b>wall<\/b> held out, /);
    assert.match(
      captionOf(shown.keypoints[0], tested),
      /<b>wall<\/b> trains and is tested on, /,
    );
  });

  it("go when the run has them no more, and other files stay", async () => {
    await writeReport(options());
    Deno.writeTextFileSync(join(folder, "figures/notes.txt"), "mine");
    const fewer = { ...measures, phototour: {} };
    await writeReport({
      ...options(),
      measures: fewer,
      shown_pairs: [],
      photographs: [],
    });
    assert.deepEqual(pictures(), ["notes.txt", "tasks_full.svg"]);
  });

  it("name the place where they cannot be written", async () => {
    Deno.writeTextFileSync(join(folder, "figures"), "in the way");
    await assert.rejects(
      writeReport(options()),
      /^PipelineError: Cannot write the results: .*figures: found /,
    );
  });
});

describe("intervals", () => {
  it("stand beside the means of the tasks", async () => {
    const interval = (value: number, low: number, high: number) => ({
      value,
      low,
      high,
      replicates: [low, high],
    });
    const bootstrap = {
      full: {
        trained: {
          replicates: 2,
          seed: 1,
          sequences: ["i_x", "v_y"],
          figures: { "matching.mean": interval(0.6, 0.55, 0.66) },
        },
      },
    };
    await writeReport({ ...options(), measures: { ...measures, bootstrap } });
    const markdown = Deno.readTextFileSync(join(folder, "results.md"));
    assert.ok(
      markdown.includes(
        "**HPatches split full, mAP % (95 % interval over sequences)**",
      ),
    );
    assert.ok(
      markdown.includes("| trained | 45.00 | 60.00 (55.00 … 66.00) | 55.00 |"),
    );
    const results = JSON.parse(
      Deno.readTextFileSync(join(folder, "results.json")),
    );
    assert.deepEqual(results.bootstrap, bootstrap);
  });
});

describe("resultsText", () => {
  it("aligns the brief tables for a terminal", () => {
    const lines = resultsText(measures, config).split("\n");
    assert.deepEqual(lines.slice(0, 4), [
      "Test pairs photos|held out, %",
      "  descriptor  FPR95 ↓   AP ↑  ROC area ↑",
      "  trained       12.35  90.00       95.00",
      "  pixels        50.00  60.00       70.00",
    ]);
    assert.ok(lines.includes("HPatches split full, mAP %"));
    assert.ok(
      lines.some((line) => /^ {2}trained +0\.85 +151\.3 +100\.00 /.test(line)),
    );
    assert.ok(lines.includes("Beside the published figures (a paper), %"));
    assert.ok(
      lines.includes("note: ties between equal distances decide something"),
    );
  });
});
