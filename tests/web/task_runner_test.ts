import assert from "node:assert/strict";
import { join } from "@std/path";
import { after, before, describe, it } from "@std/testing/bdd";
import { unzipSync } from "fflate";
import { decodeImage } from "../../data/images/decode_image.ts";
import { encodePng } from "../../data/mod.ts";
import type {
  ChosenFile,
  Reply,
  Settings,
  Side,
  Task,
} from "../../web/messages.ts";
import { TaskRunner } from "../../web/worker/task_runner.ts";
import { collage } from "../helpers/data/test_images.ts";
import { writeUntrainedModel } from "../helpers/pipeline/untrained_model.ts";

const settings: Settings = {
  keypoints: 60,
  ratio: 1,
  geometry: "none",
  inlierPixels: 3,
  comparesRootSift: false,
};
const patchPixels = 64 * 64;
const dimension = 128;

let networks: ChosenFile[];
let photographs: Record<Side, ChosenFile>;

/** In the place of a network: some of a patch's pixels, others for each network. */
function pixelsOf(patches: Uint8Array, network: number): Float32Array {
  const count = patches.length / patchPixels;
  return Float32Array.from({ length: count * dimension }, (_, at) => {
    const pixel = (at % dimension) * 31 + network;
    return patches[Math.floor(at / dimension) * patchPixels + pixel] / 2900;
  });
}

/** A worker's tasks without a GPU, and what it replied. */
function startRunner(onDescribe: () => void = () => {}) {
  const replies: Reply[] = [];
  let opened = 0;
  const runner = new TaskRunner((reply) => replies.push(reply), {
    readPhotograph: async (file, name) => decodeImage(await file.bytes(), name),
    pictureToLookAt: () => Promise.resolve(undefined as never),
    openDescriber: () => {
      const network = ++opened;
      return {
        describe: (patches) => {
          onDescribe();
          return Promise.resolve(pixelsOf(patches, network));
        },
        close: () => {},
      };
    },
  });
  let number = 0;
  const run = (task: Omit<Task, "number" | "settings">) =>
    runner.run({ number: ++number, settings, ...task });
  return { runner, replies, run };
}

/** The texts of the newest export. */
function exportedTexts(replies: Reply[]): Record<string, string> {
  const reply = replies.findLast(({ kind }) => kind === "colmap");
  assert.ok(reply?.kind === "colmap");
  return Object.fromEntries(
    Object.entries(unzipSync(reply.bytes))
      .map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]),
  );
}

before(async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "model.safetensors");
  await writeUntrainedModel(path, 1);
  const model = new Blob([await Deno.readFile(path)]);
  await Deno.remove(folder, { recursive: true });
  networks = [10, 11].map((id) => ({ id, name: `${id}`, file: model }));
  const photograph = (id: number): ChosenFile => ({
    id,
    name: `photograph ${id}.png`,
    file: new Blob([new Uint8Array(encodePng(collage(200, 160, id)))]),
  });
  photographs = { left: photograph(1), right: photograph(2) };
});

after(() => {
  networks = [];
});

describe("TaskRunner", () => {
  it("exports what it matched while another network describes", async () => {
    let exportsNow = false;
    const { runner, replies, run } = startRunner(() => {
      if (exportsNow) runner.exportColmap();
    });
    await run({ ...photographs, network: networks[0] });
    runner.exportColmap();
    const first = exportedTexts(replies);
    assert.match(first["photograph_1.png.txt"], /^60 128\n/);
    assert.match(
      first["matches.txt"],
      /^photograph_1\.png photograph_2\.png\n/,
    );
    exportsNow = true;
    await run({ ...photographs, network: networks[1] });
    const exports = replies.filter(({ kind }) => kind === "colmap").length;
    assert.equal(exports, 3);
    assert.deepEqual(exportedTexts(replies), first);
    runner.exportColmap();
    assert.notDeepEqual(exportedTexts(replies), first);
  });

  it("keeps the photographs of before when a new one cannot be read", async () => {
    const { replies, run } = startRunner();
    await run({ ...photographs, network: networks[0] });
    const left = {
      id: 3,
      name: "notes.jpg",
      file: new Blob(["no photograph"]),
    };
    replies.length = 0;
    await run({ ...photographs, left, network: networks[0] });
    const [failed] = replies.filter(({ kind }) => kind === "failed");
    assert.ok(failed.kind === "failed" && failed.fault === "left");
    replies.length = 0;
    await run({ ...photographs, network: networks[0] });
    assert.deepEqual(replies.map(({ kind }) => kind), ["matched"]);
  });
});
