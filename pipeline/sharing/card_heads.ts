import { prettyJson } from "../files/pretty_json.ts";
import {
  type CardFacts,
  figuresOf,
  isPublicDomain,
  sideSigmas,
} from "./card_facts.ts";

/** `config.json`: what the network takes and gives, and every value that it was trained with. */
export function networkConfig({ config, network }: CardFacts): string {
  const { name: _name, file: _file, ...training } = config;
  return prettyJson({
    model_type: "self-tnet",
    architecture: config.stage1.arch,
    parameters: network.parameters,
    input: {
      channels: 1,
      side_pixels: 32,
      range: [0, 1],
      patch_side_sigmas: sideSigmas(config) ?? null,
    },
    descriptor: { dimension: network.dimension, norm: 1, distance: "L2" },
    training,
  });
}

/** `.eval_results/…`: the figures as hubs list them. */
export function resultsYaml(facts: CardFacts): string {
  const { measures, stages } = facts;
  const { name, remark } = measuredNetwork(facts);
  const date = stages.at(-1)!.startedAt.slice(0, 10);
  const entries = figuresOf(measures).map(({ split, task, value }) =>
    [
      `- dataset:`,
      `    id: ${JSON.stringify(`self-tnet/${name}-held-out`)}`,
      `    task_id: ${JSON.stringify(`${split}-${task}`)}`,
      `  value: ${value}`,
      `  date: ${JSON.stringify(date)}`,
      `  notes: ${
        JSON.stringify(
          `mean average precision; the data set is made by \`./run reproduce\`, it is not on the Hub${remark}`,
        )
      }`,
    ].join("\n")
  );
  return `${entries.join("\n")}\n`;
}

/** Whose figures these are, and what is said of it beside them. */
function measuredNetwork({ config, measured }: CardFacts) {
  return measured === undefined ? { name: config.name, remark: "" } : {
    name: measured.config.name,
    remark:
      `; measured on the network of ${measured.configPath}, which did not train on them`,
  };
}

/** The head of the card that hubs read. */
export function frontMatter(facts: CardFacts): string {
  const { config, measures } = facts;
  const { name, remark } = measuredNetwork(facts);
  const figures = figuresOf(measures);
  const lines = [
    ...(isPublicDomain(config) ? ["license: cc0-1.0"] : ["license: other"]),
    "library_name: self-tnet",
    "pipeline_tag: image-feature-extraction",
    "tags: [local-descriptor, patch-descriptor, image-matching, keypoints, webgpu]",
    "metrics: [mean_average_precision]",
    "model-index:",
    `- name: ${JSON.stringify(`self-tnet-${config.name}`)}`,
    "  results:",
    ...figures.map(({ split, task, value }) =>
      `  - ${
        JSON.stringify({
          task: { type: "image-feature-extraction", name: `patch ${task}` },
          dataset: {
            type: `self-tnet-${name}-held-out`,
            name:
              `held-out sequences in HPatches' protocol, split ${split}${remark}`,
          },
          metrics: [{
            type: "mean_average_precision",
            name: `${task} mAP`,
            value: value,
          }],
        })
      }`
    ),
  ];
  return ["---", ...lines, "---"].join("\n");
}
