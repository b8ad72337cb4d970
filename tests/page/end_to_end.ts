/** `./run test:page`: the page in a Chromium without a window, WebGPU on its own software driver, beside `./run match`. */
import assert from "node:assert/strict";
import { join } from "@std/path";
import { after, before, describe, it } from "@std/testing/bdd";
import { unzipSync } from "fflate";
import type { Page } from "playwright-core";
import { encodePng } from "../../data/mod.ts";
import { detectKeypoints } from "../../features/mod.ts";
import { initialWeights } from "../../gpu/mod.ts";
import { sdgmnet128 } from "../../gpu/nn/sdgmnet128.ts";
import {
  type PageServer,
  servePage,
} from "../../packaging/page/page_server.ts";
import { runWritingCli } from "../helpers/command_line.ts";
import { collage } from "../helpers/data/test_images.ts";
import { torchZip } from "../helpers/data/torch_file.ts";
import { writeUntrainedModel } from "../helpers/pipeline/untrained_model.ts";
import { findChromium, startChromium, type StartedBrowser } from "./browser.ts";
import {
  buildPageFor,
  dropFiles,
  exported,
  matchesSaid,
  slide,
} from "./built_page.ts";

const program = findChromium();
if (program === undefined) {
  console.error(
    "test:page did not run: Chromium is not here (apt-get install chromium)",
  );
}

/** Software takes 20 ms a patch, and 10 s to compile the kernels. */
const keypoints = 150;
/** As few as the slider gives. */
const fewKeypoints = 100;
const describingLimitMs = 180_000;
const answerLimitMs = 5_000;

const done = /matches agree/;

/** Runs in the page: how many values each patch that is shown has. */
const greyLevels = `["left-patch", "right-patch"].map((id) => {
  const context = document.getElementById(id).getContext("2d");
  return new Set(context.getImageData(0, 0, 64, 64).data).size;
})`;

/** Runs in the page: the same at once after the next match was chosen, before the worker can have answered. */
const greyLevelsAfterStep = `(document.getElementById("network-canvas")
  .dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" })),
  ${greyLevels})`;

/** Runs in the page: what a finger does on each canvas. */
const touchActions = `["network-canvas", "rootsift-canvas"].map((id) =>
  getComputedStyle(document.getElementById(id)).touchAction)`;

/** Runs in the page: what can be operated and has no name. */
const namelessControls =
  `[...document.querySelectorAll("button, input, select")]
  .filter((element) => !element.hidden && !element.ariaLabel &&
    !element.textContent.trim() && !element.labels?.length)
  .map(({ id }) => id)`;

/** What `matches.json` holds, as far as it is looked at here. */
interface MatchesFile {
  model: { file: string; sha256: string };
  left: { keypoints: number[][] };
  right: { keypoints: number[][] };
  matches: number[][];
  geometry: { inliers: number[]; matrix: number[] };
}

let folder: string;
let server: PageServer;
let started: StartedBrowser;
let page: Page;
const requested: string[] = [];
const complaints: string[] = [];

async function prepare(): Promise<void> {
  folder = await Deno.makeTempDir();
  const model = join(folder, "model.safetensors");
  await writeUntrainedModel(model, 4);
  await buildPageFor(model, join(folder, "page"));
  server = servePage(join(folder, "page"), 0);
  started = await startChromium(program!);
  page = await openPage(started);
}

async function openPage({ browser }: StartedBrowser): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 860 },
    acceptDownloads: true,
  });
  const opened = await context.newPage();
  opened.on("request", (request) => requested.push(request.url()));
  opened.on("pageerror", (error) => complaints.push(error.message));
  opened.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  await opened.goto(server.address);
  return opened;
}

/** What the page has found, as it hands it out. */
async function exportedMatches(): Promise<MatchesFile> {
  const { name, bytes } = await exported(page, "json");
  assert.equal(name, "matches.json");
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** Waits until matches of so many keypoints of each photograph are shown. */
async function described(count: number): Promise<void> {
  await page.locator("#results tr").nth(1)
    .filter({ hasText: `${count} + ${count}` })
    .waitFor({ timeout: describingLimitMs });
}

/** Chooses files, and waits until their matches are shown. */
async function afterChoosing(choose: () => Promise<void>): Promise<void> {
  await choose();
  await matchesSaid(page, /…$/, answerLimitMs);
  await matchesSaid(page, / after choosing/, describingLimitMs);
}

/** What `./run match` finds in the sample pair. */
async function matchOnCommandLine(): Promise<MatchesFile> {
  const out = join(folder, "matches");
  const { code, stderr } = await runWritingCli([
    "match",
    "--quiet",
    join(folder, "page", "left.jpg"),
    join(folder, "page", "right.jpg"),
    `--model=${join(folder, "model.safetensors")}`,
    `--keypoints=${keypoints}`,
    `--out=${out}`,
  ]);
  assert.equal(code, 0, stderr);
  return JSON.parse(await Deno.readTextFile(join(out, "matches.json")));
}

/** Share of the rows that stand in the others too, places but for roundings. */
function sharedKeypoints(found: number[][], wanted: number[][]): number {
  const text = ([x, y, sigma, angle]: number[]) =>
    [x, y, sigma, angle].map((value) => value.toFixed(3)).join();
  const known = new Set(wanted.map(text));
  return found.filter((row) => known.has(text(row))).length / wanted.length;
}

function inlierPairs({ matches, geometry }: MatchesFile): Set<string> {
  return new Set(
    geometry.inliers.map((at) => `${matches[at][0]} ${matches[at][1]}`),
  );
}

describe("the page in Chromium", { skip: program === undefined }, () => {
  before(prepare);
  after(async () => {
    await started?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    if (folder !== undefined) await Deno.remove(folder, { recursive: true });
  });

  it("names the adapter", async () => {
    await page.locator("#adapter").filter({ hasText: "GPU: " })
      .waitFor({ timeout: describingLimitMs });
    assert.match((await page.textContent("#adapter"))!, /^GPU: \w+/);
  });

  it("finds in the sample pair what ./run match finds", async () => {
    await slide(page, "keypoints", keypoints);
    await page.locator("#empty [data-action=sample]").click();
    const said = await matchesSaid(page, done, describingLimitMs);
    console.log(`sample pair, ${keypoints} keypoints each: ${said}`);
    const found = await exportedMatches();
    const wanted = await matchOnCommandLine();
    for (const side of ["left", "right"] as const) {
      const [here, there] = [found[side].keypoints, wanted[side].keypoints];
      assert.equal(here.length, there.length);
      assert.ok(sharedKeypoints(here, there) >= 0.99, side);
    }
    const [here, there] = [inlierPairs(found), inlierPairs(wanted)];
    assert.ok(there.size > 40, `${there.size} inliers`);
    assert.ok(here.size <= 1.02 * there.size);
    const shared = [...here].filter((pair) => there.has(pair)).length;
    assert.ok(shared >= 0.98 * there.size, `${shared} of ${there.size}`);
  });

  it("hands out a picture, tables and what COLMAP imports", async () => {
    const picture = await exported(page, "png");
    assert.equal(picture.name, "matches.png");
    const view = new DataView(picture.bytes.buffer);
    assert.equal(view.getUint32(0), 0x89504e47);
    assert.equal(view.getUint32(16), 2048);
    const csv = new TextDecoder().decode((await exported(page, "csv")).bytes);
    const lines = csv.trimEnd().split("\n");
    assert.equal(
      lines[0],
      "left_x,left_y,right_x,right_y,distance,ratio,inlier",
    );
    const colmap = unzipSync((await exported(page, "colmap")).bytes);
    assert.deepEqual(Object.keys(colmap).sort(), [
      "left.jpg.txt",
      "matches.txt",
      "right.jpg.txt",
    ]);
    const texts = Object.fromEntries(
      Object.entries(colmap).map(([name, bytes]) => [
        name,
        new TextDecoder().decode(bytes).trimEnd().split("\n"),
      ]),
    );
    assert.equal(texts["left.jpg.txt"][0], `${keypoints} 128`);
    assert.equal(texts["left.jpg.txt"].length, 1 + keypoints);
    assert.equal(texts["left.jpg.txt"][1].split(" ").length, 4 + 128);
    assert.equal(texts["matches.txt"][0], "left.jpg right.jpg");
    assert.equal(texts["matches.txt"].length, lines.length);
  });

  it("answers sliders at once, with fewer matches for stricter settings", async () => {
    const cell = page.locator("#results tr").nth(2).locator("td");
    const all = Number(await cell.textContent());
    const answers: [ratio: number, holds: (count: number) => boolean][] = [
      [0.7, (count) => count < all],
      [0.9, (count) => count === all],
    ];
    for (const [ratio, holds] of answers) {
      const startMs = performance.now();
      await slide(page, "ratio", ratio);
      while (!holds(Number(await cell.textContent()))) {
        assert.ok(performance.now() - startMs < answerLimitMs, `${ratio}`);
        await page.waitForTimeout(10);
      }
      const tookMs = Math.round(performance.now() - startMs);
      console.log(`ratio ${ratio} is answered after ${tookMs} ms`);
    }
  });

  it("goes from match to match on the keyboard, and shows both patches", async () => {
    await page.locator("#network-canvas").focus();
    await page.keyboard.press("ArrowRight");
    await page.locator("#inspector").waitFor({ timeout: answerLimitMs });
    const first = (await page.textContent("#announcement"))!;
    assert.match(first, /^match \d+ of \d+; distance 0\.\d{3}; .*agrees yes/);
    await page.keyboard.press("ArrowRight");
    assert.notEqual(await page.textContent("#announcement"), first);
    const levels = (): Promise<number[]> => page.evaluate(greyLevels);
    for (let tries = 0; tries < 50 && (await levels())[1] < 5; tries++) {
      await page.waitForTimeout(100);
    }
    assert.ok((await levels()).every((count) => count > 5));
    assert.deepEqual(await page.evaluate(greyLevelsAfterStep), [1, 1]);
    await page.keyboard.press("Escape");
    assert.ok(await page.locator("#inspector").isHidden());
  });

  it("gives fingers to the photographs while they are enlarged, by buttons too", async () => {
    assert.deepEqual(await page.evaluate(touchActions), ["pan-y", "pan-y"]);
    await page.locator("#network-canvas").focus();
    await page.keyboard.press("ArrowRight");
    await page.locator("#inspector").waitFor({ timeout: answerLimitMs });
    await page.locator("[data-zoom=in]").click();
    assert.ok(await page.locator("#inspector").isHidden());
    assert.deepEqual(await page.evaluate(touchActions), ["none", "none"]);
    await page.locator("[data-zoom=fit]").click();
    assert.deepEqual(await page.evaluate(touchActions), ["pan-y", "pan-y"]);
    await page.locator("#network-canvas").focus();
    await page.keyboard.press("Escape");
  });

  it("compares with RootSIFT on the same keypoints", async () => {
    await page.locator("#compares").check();
    await page.locator("#rootsift-pair").waitFor({
      timeout: describingLimitMs,
    });
    const head = await page.locator("#results tr").first().textContent();
    assert.equal(head, "NetworkRootSIFT");
    assert.match(
      (await page.textContent("#rootsift-verdict"))!,
      /^matches: \d+, of which \d+ \(\d+ %\) agree with a homography/,
    );
    await page.locator("#compares").uncheck();
  });

  it("says what is wrong with a file, and stays as it was", async () => {
    const before = await page.textContent("#network-verdict");
    const wrong: [input: string, name: string, text: string, said: RegExp][] = [
      [
        "network-file",
        "other.safetensors",
        "no network",
        /^Cannot read safetensors: other\.safetensors: found /,
      ],
      [
        "left-file",
        "notes.jpg",
        "no photograph",
        /^Cannot read the image: notes\.jpg: found another format, wanted a JPEG/,
      ],
    ];
    for (const [input, name, text, said] of wrong) {
      const path = join(folder, name);
      await Deno.writeTextFile(path, text);
      await page.locator(`#${input}`).setInputFiles(path);
      const fault = page.locator("#fault");
      await fault.filter({ hasText: name }).waitFor({ timeout: answerLimitMs });
      assert.match((await fault.textContent())!, said);
      if (input === "network-file") {
        assert.equal(await page.textContent("#network-verdict"), before);
      }
    }
    assert.equal(await page.textContent("#left-name"), "left.jpg");
    assert.equal(await page.textContent("#network-verdict"), before);
  });

  it("takes two large photographs and a network of PyTorch's in one drop", async () => {
    const whole = collage(1340, 1000, 3);
    const sides = [0, 40].map((shift) => {
      const pixels = new Uint8Array(1300 * 1000);
      for (let y = 0; y < 1000; y++) {
        const from = 1340 * y + shift;
        pixels.set(whole.pixels.subarray(from, from + 1300), 1300 * y);
      }
      return { width: 1300, height: 1000, pixels };
    });
    const files = ["wide.png", "moved.png", "own.pt"]
      .map((name) => join(folder, name));
    sides.forEach((side, at) => Deno.writeFileSync(files[at], encodePng(side)));
    Deno.writeFileSync(files[2], torchZip(initialWeights(sdgmnet128, 6)));
    await slide(page, "keypoints", fewKeypoints);
    await described(fewKeypoints);
    await afterChoosing(() => dropFiles(page, files));
    const names = await page.locator(".files .name").allTextContents();
    assert.deepEqual(names, ["wide.png", "moved.png", "own.pt"]);
    const found = await exportedMatches();
    assert.equal(found.model.file, "own.pt");
    for (const [at, side] of (["left", "right"] as const).entries()) {
      const wanted = detectKeypoints(sides[at], { most: fewKeypoints })
        .map(({ x, y, sigma, angle }) => [x, y, sigma, angle]);
      const here = found[side].keypoints;
      assert.equal(here.length, fewKeypoints);
      assert.ok(sharedKeypoints(here, wanted) >= 0.99, side);
    }
    const { inliers, matrix } = found.geometry;
    assert.ok(inliers.length > 40, `${inliers.length} inliers`);
    // The right photograph shows what lies 40 pixels further to the right.
    [1, 0, -40, 0, 1, 0, 0, 0, 1].forEach((value, at) =>
      assert.ok(Math.abs(matrix[at] - value) < [1e-2, 1e-2, 1][at % 3])
    );
  });

  it("reads the same network from safetensors", async () => {
    const before = await exportedMatches();
    const path = join(folder, "own.safetensors");
    await writeUntrainedModel(path, 6);
    await afterChoosing(async () => {
      await page.locator("#network-file").setInputFiles(path);
      // What is still there was made by the network before.
      await page.locator("[data-export=colmap]:disabled")
        .waitFor({ timeout: answerLimitMs });
    });
    const { model, matches, geometry } = await exportedMatches();
    assert.equal(model.file, "own.safetensors");
    assert.notEqual(model.sha256, before.model.sha256);
    assert.deepEqual([matches, geometry], [before.matches, before.geometry]);
  });

  it("goes on with what can be read of a drop", async () => {
    const inFolder = (name: string) => join(folder, name);
    const dropped = async (names: string[], refused: string) => {
      await dropFiles(page, names.map(inFolder));
      await page.locator("#fault").filter({ hasText: refused })
        .waitFor({ timeout: describingLimitMs });
      await matchesSaid(page, done, describingLimitMs);
      assert.ok(await page.locator("#fault").isVisible());
      return await page.locator(".files .name").allTextContents();
    };
    const shift = async () => (await exportedMatches()).geometry.matrix[2];
    await Deno.copyFile(inFolder("wide.png"), inFolder("my wide.png"));

    let names = await dropped(["notes.jpg", "my wide.png"], "notes.jpg");
    assert.deepEqual(names, ["wide.png", "my wide.png", "own.safetensors"]);
    assert.ok(Math.abs(await shift()) < 1);
    const colmap = unzipSync((await exported(page, "colmap")).bytes);
    assert.deepEqual(Object.keys(colmap).sort(), [
      "matches.txt",
      "my_wide.png.txt",
      "wide.png.txt",
    ]);

    names = await dropped(
      ["other.safetensors", "wide.png", "moved.png"],
      "other.safetensors",
    );
    assert.deepEqual(names, ["wide.png", "moved.png", "own.safetensors"]);
    assert.ok(Math.abs(await shift() + 40) < 1);
  });

  it("goes back to the photograph before two that cannot be read", async () => {
    await Deno.writeTextFile(join(folder, "letter.jpg"), "no photograph");
    for (const name of ["notes.jpg", "letter.jpg"]) {
      await page.locator("#left-file").setInputFiles(join(folder, name));
    }
    await page.locator("#fault").filter({ hasText: "letter.jpg" })
      .waitFor({ timeout: answerLimitMs });
    assert.equal(await page.textContent("#left-name"), "wide.png");
    await matchesSaid(page, done, describingLimitMs);
  });

  it("lets a newer choice win over the sample pair", async () => {
    const held = Promise.withResolvers<void>();
    await page.route("**/left.jpg", async (route) => {
      await held.promise;
      await route.continue();
    });
    await page.locator("#panels [data-action=sample]").click();
    await afterChoosing(() =>
      page.locator("#left-file").setInputFiles(join(folder, "moved.png"))
    );
    const answered = page.waitForResponse("**/left.jpg");
    held.resolve();
    await (await answered).finished();
    // The page takes what it loaded a moment later.
    await page.waitForTimeout(500);
    const names = await page.locator(".files .name").allTextContents();
    assert.deepEqual(names.slice(0, 2), ["moved.png", "moved.png"]);
    await page.unroute("**/left.jpg");
  });

  it("opens a lost device again", async () => {
    const session = await started.browser.newBrowserCDPSession();
    await session.send("Browser.crashGpuProcess" as never).catch(() => {});
    await slide(page, "keypoints", keypoints + 50);
    const count = keypoints + 50;
    await described(count);
    assert.ok(await page.locator("#fault").isHidden());
  });

  it("fits a phone, and names everything that can be operated", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const width = await page.evaluate("document.body.scrollWidth") as number;
    const nameless = await page.evaluate(namelessControls);
    assert.ok(width <= 390, `${width} pixels wide`);
    assert.deepEqual(nameless, []);
    await page.setViewportSize({ width: 1280, height: 860 });
  });

  it("says that its worker cannot be loaded", async () => {
    const path = join(folder, "page", "worker", "main.mjs");
    await Deno.rename(path, `${path}.away`);
    // A server knows the files that are there when it starts.
    await using lacking = servePage(join(folder, "page"), 0);
    await Deno.rename(`${path}.away`, path);
    const context = await started.browser.newContext();
    const opened = await context.newPage();
    await opened.goto(lacking.address);
    await opened.locator("#fault").filter({ hasText: "could not be loaded" })
      .waitFor({ timeout: answerLimitMs });
    await context.close();
  });

  it("asks no other host, breaks none of its own rules, and reports no error", () => {
    assert.ok(requested.length > 5);
    const foreign = requested.filter((url) =>
      !url.startsWith(server.address) &&
      !url.startsWith(`blob:${server.address}`)
    );
    assert.deepEqual(foreign, []);
    assert.deepEqual(complaints, []);
  });

  it("shows the sample result where there is no WebGPU, and who has it", async () => {
    await using bare = await startChromium(program!, { webGpu: false });
    const opened = await openPage(bare);
    const notice = opened.locator("#no-gpu");
    await notice.filter({ hasText: "Chrome and Edge" })
      .waitFor({ timeout: answerLimitMs });
    await opened.waitForFunction(
      "document.getElementById('sample-result').naturalWidth > 1000",
    );
    assert.ok(await opened.locator("#stage").isHidden());
  });
});
