import { basename, join, resolve } from "@std/path";
import { bundledPhotographs, listPhotographs } from "../../data/mod.ts";
import { readBytes } from "../../data/read_bytes.ts";
import { decodeImage } from "../../data/images/decode_image.ts";
import { publishedNetwork } from "../../pipeline/descriptors/published_network.ts";
import { PipelineError } from "../../pipeline/errors.ts";
import { withFileErrors } from "../../pipeline/files/file_errors.ts";
import { namesIn } from "../../pipeline/files/file_tree.ts";
import { loadDescriptor } from "../../pipeline/descriptor.ts";
import { matchImages } from "../../pipeline/matching/match_images.ts";
import { pairPicture } from "../../pipeline/matching/pair_picture.ts";
import { verdict } from "../../pipeline/matching/verdict.ts";
import {
  networkFile,
  type PageFacts,
  pageFactsFile,
} from "../../web/page_facts.ts";
import { bundleJavaScript } from "../javascript.ts";
import { otherView, sampleName } from "./sample_pair.ts";

/** What a page is made of, and where it goes. */
export interface PageOptions {
  /** the project's folder */
  root: string;
  /** takes the page; what lies there is replaced */
  directory: string;
  /** path of the network that comes with the page */
  model: string;
}

const attempt = "build the page";

/** Files that are taken as they are. */
const plainFiles = ["index.html", "page.css", "icon.svg"];

/** Modules that the browser starts. */
const modules = ["page/main.ts", "worker/main.ts"];

/** Rooms whose modules do nothing on their own. */
const quietRooms = ["data", "features", "gpu", "pipeline"];

/** Keypoints of each sample photograph in the picture of their matches. */
const pictureKeypoints = 1000;

/**
 * Builds the page: its files, the code, the network, the sample pair and a picture of its matches. Needs a GPU adapter for the picture.
 *
 * @throws {PipelineError} when the folder cannot be written to, or holds anything but an earlier page: before anything is computed
 * @throws {DataError} when the network or a photograph cannot be read
 * @throws {GpuError} when there is no adapter or the network is none that is known
 */
export async function buildPage(
  { root, directory, model }: PageOptions,
): Promise<void> {
  const network = await readBytes(model, { attempt });
  await withFileErrors(attempt, directory, () => openFolder(directory));
  const sample = await makeSample(model);
  const facts: PageFacts = {
    network: { name: networkName(model), sizeBytes: network.length },
    sample: {
      left: "left.jpg",
      right: "right.jpg",
      result: "sample.svg",
      credit: bundledPhotographs.find(({ name }) => name === sampleName)!
        .credit,
    },
  };
  const write = (name: string, bytes: Uint8Array) =>
    Deno.writeFile(join(directory, name), bytes);
  const writeText = (name: string, text: string) =>
    Deno.writeTextFile(join(directory, name), text);
  await withFileErrors(attempt, directory, async () => {
    await removeOldCode(directory);
    await bundlePage(root, directory);
    await write(networkFile, network);
    await write(facts.sample.left, sample.left);
    await write(facts.sample.right, sample.right);
    await writeText(facts.sample.result, sample.result);
    await writeText(pageFactsFile, `${JSON.stringify(facts, null, 2)}\n`);
  });
}

/** The page's own files and its code: all but the network and the sample pair. */
export async function bundlePage(
  root: string,
  directory: string,
): Promise<void> {
  await bundleJavaScript({
    root: join(root, "web"),
    modules,
    directory,
    platform: "browser",
    replaced: { "node:zlib": "worker/zlib.ts" },
    quiet: quietRooms.map((room) => join("..", room)),
    minify: true,
  });
  for (const name of plainFiles) {
    await Deno.copyFile(join(root, "web", name), join(directory, name));
  }
}

/** Makes the folder, or sees to it that it holds an earlier page. */
async function openFolder(directory: string): Promise<void> {
  await Deno.mkdir(directory, { recursive: true });
  const names = namesIn(directory);
  if (names.length > 0 && !names.includes(pageFactsFile)) {
    throw new PipelineError({
      attempt,
      where: directory,
      found: "a folder that holds something else",
      wanted: "an empty one, or one with an earlier page",
      remedy: "name another folder",
    });
  }
}

/** Takes out of the folder what an earlier build alone would have left there: code under names of its own. */
async function removeOldCode(directory: string): Promise<void> {
  const isCode = (name: string) => /\.mjs(\.map)?$/.test(name);
  for (const name of namesIn(directory).filter(isCode)) {
    await Deno.remove(join(directory, name));
  }
}

/** The run and the stage that a network is of, `demo, stage2`; `published` for the one of `weights/`. */
function networkName(model: string): string {
  const run = /([^/]+)\/(stage[12])\/model\.safetensors$/.exec(model);
  if (run !== null) return `${run[1]}, ${run[2]}`;
  return resolve(model) === publishedNetwork() ? "published" : basename(model);
}

async function makeSample(model: string) {
  const { training, heldOut } = await listPhotographs("", 1);
  const file = [...training, ...heldOut]
    .find(({ name }) => name === sampleName)!;
  const left = await readBytes(file.path, {
    attempt: "read the sample photograph",
  });
  const right = otherView(left);
  using descriptor = await loadDescriptor(model);
  const open = async (bytes: Uint8Array, side: string) => {
    const name = `${sampleName} ${side}`;
    const picture = decodeImage(bytes, name);
    const described = await descriptor.describeImage(picture, {
      most: pictureKeypoints,
    });
    return { ...described, picture, file: name };
  };
  const [a, b] = [await open(left, "left"), await open(right, "right")];
  const matched = matchImages(a, b);
  const result = pairPicture(a, b, matched, [
    `matches: ${verdict(a, b, matched)}`,
    `${a.keypoints.length} and ${b.keypoints.length} keypoints`,
  ]);
  return { left, right, result };
}
