import assert from "node:assert/strict";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { buildPage } from "../../packaging/page/build_page.ts";
import { parsePageArguments } from "../../packaging/page/page_arguments.ts";
import { PipelineError } from "../../pipeline/errors.ts";
import { projectDirectory, runProcess } from "../helpers/command_line.ts";

const parse = (...args: string[]) => parsePageArguments(args);

/** What `./run page` starts, without a GPU. */
const runPage = (...args: string[]) =>
  runProcess(Deno.execPath(), [
    "run",
    "--no-prompt",
    "--allow-read",
    "--allow-env",
    join(projectDirectory, "packaging/page/page.ts"),
    ...args,
  ]);

describe("the arguments of ./run page", () => {
  it("are all optional", () => {
    assert.deepEqual(parse(), {
      model: undefined,
      build: undefined,
      port: undefined,
    });
    assert.deepEqual(parse("--model=m.safetensors", "--build", "site"), {
      model: "m.safetensors",
      build: "site",
      port: undefined,
    });
    assert.equal(parse("--port=0").port, 0);
    assert.equal(parse("--port", "65535").port, 65535);
  });

  it("are refused when they cannot be meant", () => {
    const wrong: [args: string[], said: RegExp][] = [
      [["--build"], /found --build without a value, wanted --build DIR; /],
      [["--build="], /found --build without a value/],
      [["--build", "--port=1"], /found --build without a value/],
      [["--port"], /found --port without a value, wanted --port N; /],
      [["--model="], /found --model without a value/],
      [["--port=0x50"], /found --port 0x50, wanted a number from 0 to 65535$/],
      [["--port=1e3"], /found --port 1e3/],
      [["--port=65536"], /found --port 65536/],
      [["--port= 80"], /found --port {2}80/],
      [["--build=a", "--build=b"], /found --build given 2 times, wanted it/],
      [["--build=~/site"], /--build: found "~\/site", wanted a path without ~/],
      [["--model=~/m"], /--model: found "~\/m"/],
      [["--build=https://a/b"], /--build: found the URL "https:\/\/a\/b"/],
      [["--biuld=a"], /found an unknown flag --biuld, wanted flags/],
      [
        ["site"],
        /found "site", wanted flags that are known; .\/run help page says how it is typed$/,
      ],
    ];
    for (const [args, said] of wrong) {
      assert.throws(() => parse(...args), (error) => {
        assert.ok(error instanceof PipelineError, args.join(" "));
        assert.match(error.message, said);
        return true;
      });
    }
  });

  it("end in one line and exit code 2", async () => {
    const { code, stdout, stderr } = await runPage("--port=0x50");
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /^Cannot serve the page: found --port 0x50.*\n$/);
  });
});

describe("buildPage", () => {
  it("refuses a place that takes no page before it opens the network", async () => {
    const folder = await Deno.makeTempDir();
    try {
      const model = join(folder, "model.safetensors");
      await Deno.writeTextFile(model, "no network");
      const build = (directory: string) =>
        buildPage({ root: projectDirectory, directory, model });
      await assert.rejects(build(model), {
        name: "PipelineError",
        message: new RegExp(
          `^Cannot build the page: .*${model}: found a file in place of a directory; `,
        ),
      });
      await assert.rejects(build(join(model, "below")), {
        name: "PipelineError",
        message: /found a file in place of a directory/,
      });
      await assert.rejects(build(folder), {
        name: "PipelineError",
        message: /found a folder that holds something else/,
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  it("keeps an earlier page when the network cannot be read", async () => {
    const folder = await Deno.makeTempDir();
    try {
      const model = join(folder, "model.safetensors");
      await Deno.writeTextFile(model, "no network");
      const directory = join(folder, "page");
      await Deno.mkdir(directory);
      await Deno.writeTextFile(join(directory, "page.json"), "{}");
      await Deno.writeTextFile(join(directory, "chunk.mjs"), "");
      await assert.rejects(
        buildPage({ root: projectDirectory, directory, model }),
        { name: "DataError" },
      );
      assert.ok((await Deno.stat(join(directory, "chunk.mjs"))).isFile);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});
