/** `./run test:page-pictures [--model FILE]`: takes the pictures of the page that docs/pictures holds. */
import { join } from "@std/path";
import { parseArgs } from "@std/cli/parse-args";
import type { Page } from "playwright-core";
import { servePage } from "../../packaging/page/page_server.ts";
import { defaultModel } from "../../pipeline/matching/default_model.ts";
import { projectDirectory } from "../helpers/command_line.ts";
import { findChromium, startChromium } from "./browser.ts";
import { buildPageFor, matchesSaid, slide } from "./built_page.ts";

/** Few enough for software, and for lines that can be told apart. */
const keypoints = 300;
const limitMs = 600_000;
const done = /matches agree/;

/** What is photographed, and how the page is set for it. */
const pictures: {
  name: string;
  size: { width: number; height: number };
  colorScheme: "light" | "dark";
  prepare(page: Page): Promise<void>;
}[] = [
  {
    name: "page_1280_light",
    size: { width: 1280, height: 900 },
    colorScheme: "light",
    async prepare(page) {
      await page.locator("#network-canvas").focus();
      for (let press = 0; press < 4; press++) {
        await page.keyboard.press("ArrowRight");
      }
    },
  },
  {
    name: "page_390_light",
    size: { width: 390, height: 844 },
    colorScheme: "light",
    prepare: (page) => page.keyboard.press("Escape"),
  },
  {
    name: "page_390_dark",
    size: { width: 390, height: 844 },
    colorScheme: "dark",
    prepare: (page) => page.locator("#shows-keypoints").check(),
  },
  {
    name: "page_1280_dark",
    size: { width: 1280, height: 900 },
    colorScheme: "dark",
    async prepare(page) {
      await page.locator("#shows-keypoints").uncheck();
      await page.locator("#shows-others").check();
      await page.locator("#compares").check();
      await page.locator("#rootsift-pair").waitFor({ timeout: limitMs });
    },
  },
];

const program = findChromium();
if (program === undefined) {
  console.error("Cannot take pictures: found no Chromium; install chromium");
  Deno.exit(2);
}
const { model } = parseArgs(Deno.args, { string: ["model"] });
const folder = await Deno.makeTempDir();
try {
  await buildPageFor(
    typeof model === "string" ? model : await defaultModel("runs"),
    folder,
  );
  await using server = servePage(folder, 0);
  await using started = await startChromium(program);
  const context = await started.browser.newContext();
  const page = await context.newPage();
  await page.goto(server.address);
  await slide(page, "keypoints", keypoints);
  await page.locator("#empty [data-action=sample]").click();
  console.log(await matchesSaid(page, done, limitMs));
  for (const { name, size, colorScheme, prepare } of pictures) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    await prepare(page);
    await page.waitForTimeout(1000);
    await page.screenshot({
      path: join(projectDirectory, "docs", "pictures", `${name}.jpg`),
      type: "jpeg",
      quality: 82,
      fullPage: true,
    });
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
