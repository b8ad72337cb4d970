import assert from "node:assert/strict";
import { join, relative } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { loadConfig, parseConfig } from "../../../pipeline/config.ts";
import { ConfigError } from "../../../pipeline/errors.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

function write(name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  Deno.mkdirSync(join(path, ".."), { recursive: true });
  if (typeof text === "string") Deno.writeTextFileSync(path, text);
  else Deno.writeFileSync(path, text);
  return path;
}

async function refusal(path: string): Promise<string> {
  try {
    await loadConfig(path);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("the config was accepted");
}

describe("config files", () => {
  it("inherit values along a chain, the nearest winning", async () => {
    write("base.toml", 'name = "base"\nseed = 1\n[stage1]\nlr = 0.5\nwd = 0.5');
    write("sub/mid.toml", 'extends = "../base.toml"\n[stage1]\nlr = 0.25');
    const path = write("sub/leaf.toml", 'extends = "mid.toml"\nseed = 3');
    const config = await loadConfig(path, ["stage1.wd=0"]);
    assert.equal(config.seed, 3);
    assert.equal(config.stage1.lr, 0.25);
    assert.equal(config.stage1.wd, 0);
  });

  it("do not inherit the name, which is that of a run folder", async () => {
    write("base.toml", 'name = "base"');
    assert.equal(
      (await loadConfig(write("leaf.toml", 'extends = "base.toml"'))).name,
      "leaf",
    );
  });

  it("mean relative paths from their own folder, overrides from where they are typed", async () => {
    write("base/base.toml", '[stage1]\nresume = "a.pt"\nteacher = "b.pt"');
    const path = write(
      "sub/leaf.toml",
      'extends = "../base/base.toml"\n[stage1]\nteacher = "../c.pt"\n[download]\nsource_dir = "/whole"',
    );
    const config = await loadConfig(path, ["extract.checkpoint=d.pt"]);
    assert.equal(config.stage1.resume, join(folder, "base/a.pt"));
    assert.equal(config.stage1.teacher, join(folder, "c.pt"));
    assert.equal(config.download.source_dir, "/whole");
    assert.equal(config.extract.checkpoint, join(Deno.cwd(), "d.pt"));
    const { stage1, download } = await loadConfig(write("none.toml", ""));
    assert.deepEqual(
      [stage1.teacher, stage1.resume, download.source_dir],
      ["self", "", ""],
    );
  });

  it("may be anywhere else than the working directory", async () => {
    write("deep/er/own.toml", '[download]\nsource_dir = "pictures"');
    const path = relative(Deno.cwd(), join(folder, "deep/er/own.toml"));
    const { download } = await loadConfig(path);
    assert.equal(download.source_dir, join(folder, "deep/er/pictures"));
  });

  it("refuse a path with a ~, each with its place", async () => {
    const path = write(
      "own.toml",
      '[download]\nsource_dir = "~/pictures"\n[stage1]\nteacher = "~"\nresume = "~ann/m.pt"\n[extract]\ncheckpoint = "~m.pt~"',
    );
    const refused = (place: string, value: string) =>
      `Cannot read the config: ${path}:${place}: found ${value}, wanted a path without ~, which only a shell replaces; write the whole path`;
    assert.deepEqual((await refusal(path)).split("\n"), [
      refused("2:14: download.source_dir", '"~/pictures"'),
      refused("4:11: stage1.teacher", '"~"'),
      refused("5:10: stage1.resume", '"~ann/m.pt"'),
      refused("7:14: extract.checkpoint", '"~m.pt~"'),
    ]);
    const leaf = write("leaf.toml", 'extends = "~/own.toml"');
    assert.match(await refusal(leaf), /extends "~\/own.toml": found "~\/own/);
  });

  it("refuse a URL in the place of a path", async () => {
    const path = write(
      "own.toml",
      '[extract]\ncheckpoint = "https://example.org/m.pt"',
    );
    assert.equal(
      await refusal(path),
      `Cannot read the config: ${path}:2:14: extract.checkpoint: found the URL "https://example.org/m.pt", wanted a path of this machine; fetch it first, and name the file`,
    );
    const leaf = write("leaf.toml", 'extends = "file:///own.toml"');
    assert.match(await refusal(leaf), /found the URL "file:\/\/\/own\.toml"/);
  });

  it("blame the file that a wrong value stands in", async () => {
    const base = write("base.toml", "[stage1]\nlr = -1");
    const path = write("leaf.toml", 'extends = "base.toml"\nseed = 1');
    assert.equal(
      await refusal(path),
      `Cannot read the config: ${base}:2:6: stage1.lr: found -1, wanted a number above 0`,
    );
  });

  it("are not blamed for what their child puts right", async () => {
    write("base.toml", "[stage1]\nlr = -1");
    const path = write("leaf.toml", 'extends = "base.toml"\nstage1.lr = 1');
    assert.equal((await loadConfig(path)).stage1.lr, 1);
  });

  it("may begin with a byte order mark", async () => {
    const path = write("bom.toml", "\ufeffseed = 5");
    assert.equal((await loadConfig(path)).seed, 5);
  });

  it("that extend one another in a circle are refused", async () => {
    write("a.toml", 'extends = "b.toml"');
    write("b.toml", 'extends = "a.toml"');
    assert.match(
      await refusal(join(folder, "a.toml")),
      /b\.toml:1:11: extends "a\.toml": found a circle .*a\.toml → .*b\.toml → .*a\.toml, wanted a file that does not extend this one$/,
    );
  });

  it("that are missing are refused", async () => {
    const path = join(folder, "none.toml");
    assert.equal(
      await refusal(path),
      `Cannot read the config: ${path}: found no such file, wanted a TOML file; check the path; the bundled configs are in configs/`,
    );
  });

  it("that are folders are refused", async () => {
    assert.equal(
      await refusal(folder),
      `Cannot read the config: ${folder}: found a folder, wanted a TOML file`,
    );
  });

  it("that are not text are refused", async () => {
    const path = write("x.toml", Uint8Array.of(0x61, 0xff, 0xfe));
    assert.equal(
      await refusal(path),
      `Cannot read the config: ${path}: found bytes that are not UTF-8 text, wanted a TOML file`,
    );
  });

  it("that are unreadable are refused with the reason", () => {
    // Root reads everything, so the reason is injected where the file would be read.
    const path = write("dangling.toml", "");
    Deno.removeSync(path);
    Deno.symlinkSync("dangling.toml", path);
    assert.throws(
      () => parseConfig('extends = "dangling.toml"', join(folder, "x.toml")),
      (error) =>
        error instanceof ConfigError &&
        /found an unreadable file \(.+\), wanted a TOML file; check its permissions$/
          .test(error.message),
    );
  });
});

describe("a config with random damage", () => {
  it("is accepted or refused with a ConfigError, never anything else", () => {
    const original = Deno.readFileSync("configs/demo.toml");
    const path = join(folder, "x.toml");
    let state = 211;
    const next = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor(state / 2 ** 32 * below);
    };
    const alphabet = new TextEncoder().encode("[]{}=.\"'#\\\n\r,-_+0e9\u00e9");
    let refused = 0;
    for (let round = 0; round < 2000; round++) {
      const bytes = [...original];
      for (let edits = 1 + next(4); edits > 0; edits--) {
        const at = next(bytes.length);
        const byte = next(2) === 0
          ? next(256)
          : alphabet[next(alphabet.length)];
        bytes.splice(at, next(3), ...(next(3) === 0 ? [] : [byte]));
      }
      const text = new TextDecoder().decode(Uint8Array.from(bytes));
      try {
        parseConfig(text, path);
      } catch (error) {
        assert.ok(error instanceof ConfigError, `${error}\n${text}`);
        for (const line of error.message.split("\n")) {
          assert.match(line, /^Cannot read the config: .+: found .+, wanted /);
        }
        refused++;
      }
    }
    assert.ok(refused > 200, `only ${refused} were refused`);
  });
});
