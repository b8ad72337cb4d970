import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parse } from "yaml";
import { type Config, loadConfig } from "../../../pipeline/config.ts";
import type { CardFacts } from "../../../pipeline/sharing/card_facts.ts";
import { modelCardFiles } from "../../../pipeline/sharing/model_card.ts";
import { projectDirectory } from "../../helpers/command_line.ts";

/** A network whose held-out photographs did not train it. */
const published = await loadConfig(
  `${projectDirectory}/configs/published_six.toml`,
  ['name="published"'],
);

function facts(config: Config = published): CardFacts {
  const matching = { easy: 0.9, hard: 0.8, tough: 0.7, mean: 0.8 };
  return {
    config,
    configPath: "configs/published.toml",
    network: {
      sha256: "ab".repeat(32),
      sizeBytes: 5_400_000,
      parameters: 1_336_355,
      dimension: 128,
    },
    training: { labels: 100, patches: 600 },
    photographs: [
      {
        name: "black-canyon",
        credit: "Timothy H. O'Sullivan, Black Cañon, Colorado River, 1871",
        labels: 100,
        heldOut: false,
        sha256: "ef".repeat(32),
      },
      {
        name: "nagasaki-boats",
        credit: "Felice Beato, Boats in River, Nagasaki, about 1865",
        labels: undefined,
        heldOut: true,
        sha256: "01".repeat(32),
      },
    ],
    measures: {
      phototour: { photos: { trained: { fpr95: 0.02, ap: 0.9, auc: 0.9 } } },
      hpatches: { full: { trained: { matching } } },
      bootstrap: {
        full: {
          trained: {
            replicates: 2,
            seed: 1,
            sequences: ["v_a", "v_b"],
            figures: {
              "matching.mean": {
                value: 0.8,
                low: 0.75,
                high: 0.85,
                replicates: [],
              },
            },
          },
        },
      },
      pairs: {},
      sequences: {},
      warnings: [],
    },
    stages: [{
      name: "stage1",
      key: "cd".repeat(32),
      wallTimeSeconds: 5400,
      startedAt: "2026-01-02T03:04:05.678Z",
      deno: "2.9.6",
      commit: "0123456789abcdef",
      adapter: "llvmpipe",
    }],
  };
}

function frontMatter(card: string) {
  const [, yaml] = /^---\n([^]*?)\n---\n/.exec(card)!;
  return parse(yaml);
}

describe("a model card", () => {
  it("has the head that hubs read, with the figures", () => {
    const card = modelCardFiles(facts())["README.md"];
    const head = frontMatter(card);
    assert.equal(head.license, "cc0-1.0");
    const [{ name, results }] = head["model-index"];
    assert.equal(name, "self-tnet-published");
    assert.deepEqual(
      results.map((
        { metrics: [metric] }: {
          metrics: { name: string; value: number }[];
        },
      ) => [metric.name, metric.value]),
      [["matching mAP", 0.8]],
    );
  });

  it("tells photographers, what trained and what was held out, intervals, digests and the command", () => {
    const card = modelCardFiles(facts())["README.md"];
    assert.match(
      card,
      /\| black-canyon \| Timothy H. O'Sullivan, .* \| training, 100 keypoints \| efefefefefefefef \|/,
    );
    assert.match(card, /\| nagasaki-boats \| Felice Beato, .* \| held out \|/);
    assert.match(card, /80\.00 \(75\.00 … 85\.00\)/);
    assert.match(card, /\| stage1 \| 90\.0 \| .*llvmpipe .*0123456789ab \|/);
    assert.ok(card.includes("ab".repeat(32)) && card.includes("cd".repeat(32)));
    assert.match(card, /reproduce --frozen configs\/published\.toml/);
    assert.match(card, /squares of 12σ .*by turns/);
  });

  it("claims no licence for a network from the user's own photographs", () => {
    const download = { ...published.download, source_dir: "holiday" };
    const card = modelCardFiles(facts({ ...published, download }))["README.md"];
    assert.equal(frontMatter(card).license, "other");
    assert.doesNotMatch(card, /CC0|public domain|Getty/);
  });

  it("comes with a config that says what the network takes, and results by the Hub's names", () => {
    const files = modelCardFiles(facts());
    const config = JSON.parse(files["config.json"]);
    assert.equal(config.parameters, 1_336_355);
    assert.equal(config.input.patch_side_sigmas, 12);
    assert.equal(config.training.stage1.batch_size, 48);
    assert.deepEqual(parse(files[".eval_results/held_out.yaml"]), [{
      dataset: { id: "self-tnet/published-held-out", task_id: "full-matching" },
      value: 0.8,
      date: "2026-01-02",
      notes:
        "mean average precision; the data set is made by `./run reproduce`, it is not on the Hub",
    }]);
  });

  it("shows the figures of the same training without the photographs held out, and says whose they are", () => {
    const download = { ...published.download, held_out_train: true };
    const final = facts({ ...published, download });
    final.photographs[1].labels = 50;
    const alone = modelCardFiles(final)["README.md"];
    assert.match(alone, /trained this network too: the figures tell of memory/);
    const config = { ...published, name: "published_six" };
    const files = modelCardFiles({
      ...final,
      measured: { config, configPath: "configs/published_six.toml" },
    });
    const card = files["README.md"];
    assert.match(
      card,
      /figures are those of `configs\/published_six\.toml`: trained alike, for 9000 steps, without them/,
    );
    assert.match(
      card,
      /nagasaki-boats .* \| training, 50 keypoints; held out \|/,
    );
    assert.doesNotMatch(card, /tell of memory/);
    const [{ name, results }] = frontMatter(card)["model-index"];
    assert.equal(name, "self-tnet-published");
    assert.match(
      results[0].dataset.name,
      /published_six.*did not train on them/,
    );
    const [entry] = parse(files[".eval_results/held_out.yaml"]);
    assert.equal(entry.dataset.id, "self-tnet/published_six-held-out");
    assert.match(entry.notes, /published_six/);
  });

  it("tells what training never showed, as far as the config knows", () => {
    const limits = (changes: Partial<Config["download"]>) => {
      const download = { ...published.download, ...changes };
      const card = modelCardFiles(facts({ ...published, download }))[
        "README.md"
      ];
      return /## Limits\n\n([^]*?)\n\n##/.exec(card)![1];
    };
    assert.match(limits({}), /^- Few photographs, .*nothing was hidden/s);
    assert.match(
      limits({ depth_edges: 0.5 }),
      /Beside 50 % of the keypoints another flat picture moves/,
    );
    assert.match(limits({ camera_grain: false }), /share its grain/);
    assert.doesNotMatch(limits({ camera_grain: true }), /share its grain/);
    assert.doesNotMatch(limits({ source_dir: "holiday" }), /Few photographs/);
    assert.equal(
      limits({ source: "phototour" }),
      "- Repeated structures look alike to it, as they are.",
    );
  });

  it("tells of no place on the machine", () => {
    const text = Object.values(modelCardFiles(facts())).join("\n");
    assert.ok(!text.includes(projectDirectory));
  });
});
