import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { extname, join } from "@std/path";
import { after, before, describe, it } from "@std/testing/bdd";
import { bundlePage } from "../../packaging/page/build_page.ts";
import { servePage } from "../../packaging/page/page_server.ts";
import { projectDirectory } from "../helpers/command_line.ts";

/** What a visitor loads before anything is chosen may take. */
const mostBytes = 300_000;

let folder: string;
let paths: string[];

before(async () => {
  folder = await Deno.makeTempDir();
  await bundlePage(projectDirectory, folder);
  paths = [".", "page", "worker"].flatMap((name) =>
    [...Deno.readDirSync(join(folder, name))]
      .filter(({ isFile }) => isFile).map((file) => join(name, file.name))
  );
});

after(() => Deno.remove(folder, { recursive: true }));

describe("the page without its network", () => {
  it("is small", () => {
    const loaded = paths.filter((path) => extname(path) !== ".map");
    assert.ok(loaded.includes("index.html"));
    assert.ok(loaded.includes(join("worker", "main.mjs")));
    const total = loaded.reduce(
      (sum, path) =>
        sum + gzipSync(Deno.readFileSync(join(folder, path))).length,
      0,
    );
    assert.ok(total <= mostBytes, `${total} bytes`);
  });

  it("asks nothing of Deno, of Node or of another host", () => {
    for (const path of paths.filter((path) => extname(path) === ".mjs")) {
      const text = Deno.readTextFileSync(join(folder, path));
      // What reads files by their names is not among what the page uses.
      assert.doesNotMatch(text, /\bDeno\.|["']node:/, path);
      // Names of formats look like addresses: SVG's, and that of a picture's XMP.
      assert.doesNotMatch(
        text,
        /https?:\/\/(?!www\.w3\.org|ns\.adobe\.com\/xap)/,
        path,
      );
    }
    const html = Deno.readTextFileSync(join(folder, "index.html"));
    assert.doesNotMatch(html, /https?:|\bstyle=|\bon[a-z]+=|<script>/);
    assert.match(html, /default-src 'none'/);
    assert.doesNotMatch(html, /unsafe-/);
  });

  it("is served on loopback with its types, and nothing beside it", async () => {
    await using server = servePage(folder, 0);
    assert.match(server.address, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    const get = async (path: string) => {
      const answer = await fetch(new URL(path, server.address));
      await answer.body?.cancel();
      return [answer.status, answer.headers.get("content-type")];
    };
    const html = "text/html; charset=utf-8";
    const script = "text/javascript; charset=utf-8";
    assert.deepEqual(await get(""), [200, html]);
    assert.deepEqual(await get("page/main.mjs"), [200, script]);
    assert.equal((await get("../deno.json"))[0], 404);
    assert.equal((await get("%2e%2e/deno.json"))[0], 404);
    assert.equal((await get("page"))[0], 404);
  });
});
