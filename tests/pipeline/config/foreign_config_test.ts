import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { loadConfig } from "../../../pipeline/config.ts";
import { ConfigError } from "../../../pipeline/errors.ts";
import { onlyProblemOf } from "../../helpers/pipeline/config_problems.ts";

let folder: string;
beforeEach(() => {
  folder = Deno.makeTempDirSync({ prefix: "config-" });
});
afterEach(() => Deno.removeSync(folder, { recursive: true }));

/** What is wrong with a config that extends the file. */
async function problemWithParent(parent: string): Promise<string> {
  const path = join(folder, "own.toml");
  Deno.writeTextFileSync(path, `extends = ${JSON.stringify(parent)}\n`);
  try {
    await loadConfig(path);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return "";
}

describe("a config from elsewhere", () => {
  it("prints nothing of a file that is no config", async () => {
    const secret = join(folder, "shadow");
    Deno.writeTextFileSync(secret, "root:$6$secret:19000:0:99999:7:::\n");
    assert.match(
      await problemWithParent(secret),
      /shadow:1:5: found text that is not TOML, wanted valid TOML$/,
    );
  });

  it("does not wait for what has no end", async () => {
    assert.match(
      await problemWithParent("/dev/zero"),
      /found a device or a pipe, wanted a TOML file$/,
    );
    assert.match(
      await problemWithParent(folder),
      /found a folder, wanted a TOML file$/,
    );
    const long = join(folder, "long.toml");
    Deno.writeTextFileSync(long, "#".repeat((1 << 16) + 1));
    assert.match(
      await problemWithParent(long),
      /found a file of more than 64 KiB, wanted a TOML file$/,
    );
  });

  for (
    const url of [
      "http://,/x.zip",
      "http://a.invalid,127.0.0.1/x.zip",
      "http://a=b/x.zip",
      "http://1.2.3.4.5.6/x.zip",
      "https://a%40b/x.zip",
      "https://host:99999/x.zip",
      "https://host:0/x.zip",
      "https://a^b/x.zip",
      "http://*/x.zip",
      "https://[::1/x.zip",
      "https://[::1]/x.zip",
      "file:///a%zz",
      "file:///a%2fb",
      "file:///a%00b",
    ]
  ) {
    it(`is refused with the place of ${url}`, () => {
      assert.match(
        onlyProblemOf(`[mirrors]\nliberty = [${JSON.stringify(url)}]`),
        /^x\.toml:2:12: mirrors\.liberty\[0\]: found /,
      );
    });
  }

  it("is refused with the place of a host to redirect to that is none", () => {
    for (const host of ["*.1", "host:99999", "host:0"]) {
      assert.match(
        onlyProblemOf(`[mirrors]\nredirects = [${JSON.stringify(host)}]`),
        /^x\.toml:2:14: mirrors\.redirects\[0\]: found /,
      );
    }
  });

  it("is refused with the place of a number that no machine has room for", () => {
    for (
      const [section, key] of [
        ["download", "patch_sets"],
        ["download", "held_out"],
        ["download", "views"],
        ["download", "patches_per_sequence"],
        ["stage1", "batch_size"],
        ["stage1", "epochs"],
        ["stage1", "test_batch_size"],
        ["extract", "batch_size"],
        ["gpu", "memory_mib"],
      ]
    ) {
      assert.match(
        onlyProblemOf(`[${section}]\n${key} = 9007199254740991`),
        /found 9007199254740991, wanted a whole number from \d+ to \d+$/,
      );
    }
    assert.match(
      onlyProblemOf("[download]\ntest_pairs = 9007199254740990"),
      /wanted an even whole number from 2 to 100000000$/,
    );
  });

  it("is not followed through a thousand others", async () => {
    const name = (index: number) => join(folder, `chain${index}.toml`);
    for (let index = 0; index < 1000; index++) {
      const parent = `extends = ${JSON.stringify(name(index + 1))}\n`;
      Deno.writeTextFileSync(name(index), parent);
    }
    Deno.writeTextFileSync(name(1000), "seed = 1\n");
    assert.match(
      await problemWithParent(name(0)),
      /found more than 16 files, each extending the next, wanted fewer$/,
    );
    assert.equal(await problemWithParent(name(990)), "");
  });

  it("ends soon and in few lines, whatever it is full of", async () => {
    const rows = (row: (index: number) => string) => {
      let text = "";
      for (let index = 0; text.length < 65_000; index++) text += row(index);
      return text;
    };
    const deep = 30_000;
    const cases: [what: string, text: string, found: RegExp][] = [
      ["keys", rows((index) => `k${index}=1\n`), /and \d{4} more like these$/],
      [
        "tables",
        rows((index) => `[t${index}]\n`),
        /and \d{4} more like these$/,
      ],
      ["items", `x=[${"1,".repeat(deep)}]`, /x: found an unknown key/],
      ["lists", `x=${"[".repeat(deep)}${"]".repeat(deep)}`, /nested too deep/],
      ["dots", `a${".a".repeat(deep)}=1`, /a: found an unknown section/],
      [
        "a text",
        `stage1.loss='${"x".repeat(2 * deep)}'`,
        /stage1\.loss: found /,
      ],
    ];
    for (const [what, text, found] of cases) {
      const path = join(folder, "full.toml");
      Deno.writeTextFileSync(path, text);
      await assert.rejects(loadConfig(path), (error: Error) => {
        assert.ok(error instanceof ConfigError, what);
        assert.match(error.message, found, what);
        assert.ok(error.message.split("\n").length <= 21, what);
        assert.ok(error.message.length < 20_000, what);
        return true;
      });
    }
  });

  it(
    "says that Deno does not allow a file of the kernel, without Deno's advice",
    {
      skip: Deno.build.os !== "linux",
    },
    async () => {
      assert.match(
        await problemWithParent("/proc/self/environ"),
        /found an unreadable file \(no permission from Deno\), wanted a TOML file/,
      );
    },
  );
});
