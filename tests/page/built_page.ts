import { join } from "@std/path";
import type { Download, Page } from "playwright-core";
import { projectDirectory, runProcess } from "../helpers/command_line.ts";

/** Builds the page as `./run page --build` does. */
export async function buildPageFor(
  model: string,
  directory: string,
): Promise<void> {
  const { code, stderr } = await runProcess(Deno.execPath(), [
    "run",
    "--no-prompt",
    "--allow-read",
    "--allow-write",
    "--allow-run",
    "--allow-env",
    "--allow-net=127.0.0.1",
    join(projectDirectory, "packaging/page/page.ts"),
    `--model=${model}`,
    `--build=${directory}`,
  ]);
  if (code !== 0) throw new Error(`Cannot build the page: ${stderr}`);
}

/** Moves a slider to a value as a hand would leave it. */
export async function slide(
  page: Page,
  id: string,
  value: number,
): Promise<void> {
  await page.locator(`#${id}`).fill(String(value));
}

/** Waits until the page says that it has matches, and gives what it says. */
export async function matchesSaid(
  page: Page,
  pattern: RegExp,
  limitMs: number,
): Promise<string> {
  const status = page.locator("#status");
  await status.filter({ hasText: pattern }).waitFor({ timeout: limitMs });
  return (await status.textContent())!;
}

/** Drops files onto the page's stage as the system's file manager does, in one go. */
export async function dropFiles(page: Page, files: string[]): Promise<void> {
  const box = (await page.locator("#stage").boundingBox())!;
  const session = await page.context().newCDPSession(page);
  for (const type of ["dragEnter", "dragOver", "drop"] as const) {
    await session.send("Input.dispatchDragEvent", {
      type,
      x: box.x + box.width / 2,
      y: box.y + box.height / 2,
      data: { items: [], files, dragOperationsMask: 1 },
    });
  }
  await session.detach();
}

/** The bytes that the page hands out when a button is pressed, and their name. */
export async function exported(
  page: Page,
  name: string,
): Promise<{ name: string; bytes: Uint8Array }> {
  const waiting = page.waitForEvent("download");
  await page.locator(`[data-export=${name}]`).click();
  const download: Download = await waiting;
  const bytes = await Deno.readFile(await download.path());
  return { name: download.suggestedFilename(), bytes };
}
