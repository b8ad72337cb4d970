import assert from "node:assert/strict";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { commands } from "../../pipeline/commands/commands.ts";
import {
  projectDirectory,
  runCli,
  runProcess,
} from "../helpers/command_line.ts";

/** The one line on stderr of a call that fails with exit code 2. */
async function refusalOf(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(args);
  assert.equal(code, 2, stderr);
  assert.equal(stdout, "");
  assert.equal(stderr.split("\n").length, 2, stderr);
  return stderr.trimEnd();
}

describe("the command line's help", () => {
  it("lists every command in one line with an example", async () => {
    for (const args of [[], ["help"], ["--help"], ["-h"]]) {
      const { code, stdout, stderr } = await runCli(args);
      assert.equal(code, 0);
      assert.equal(stderr, "");
      for (const name of ["reproduce", "status", "explain", "doctor"]) {
        assert.match(stdout, new RegExp(`^  ${name} +\\S`, "m"));
        assert.match(stdout, new RegExp(`^  \\./run ${name}\\b`, "m"));
      }
    }
  });

  it("explains a command", async () => {
    const { code, stdout } = await runCli(["status", "--help"]);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^usage {4}\.\/run status <config\.toml> \[--set KEY=VALUE\]… \[--json\] \[--cache DIR\] \[--runs DIR\]$/m,
    );
    assert.match(stdout, /^ {2}--json +print the plan as JSON$/m);
  });

  it("explains a command after the word help, without running it", async () => {
    const [asked, typed] = [
      await runCli(["help", "doctor"]),
      await runCli(["doctor", "--help"]),
    ];
    assert.equal(asked.code, 0);
    assert.equal(asked.stdout, typed.stdout);
    assert.match(
      await refusalOf("help", "statsu"),
      /^Cannot run a command: found "statsu", .*; did you mean status\?$/,
    );
  });

  it("explains a command whatever else was typed", async () => {
    const { code, stdout } = await runCli(["extract", "a", "--nope", "-h"]);
    assert.equal(code, 0);
    assert.match(stdout, /--checkpoint FILE/);
  });
});

describe("the command line", () => {
  it("guesses a misspelt command", async () => {
    assert.equal(
      await refusalOf("reprodce", "configs/demo.toml"),
      'Cannot run a command: found "reprodce", which is no command; did you mean reproduce?',
    );
  });

  it("guesses a misspelt task that is no command, as ./run hands it on", async () => {
    for (const [typed, meant] of [["tset", "test"], ["chek", "check"]]) {
      assert.match(
        await refusalOf("help", typed),
        new RegExp(`, which is no command; did you mean ${meant}\\?$`),
      );
    }
  });

  it("tells what a task of a developer does instead of running it", async () => {
    const { code, stdout } = await runCli(["help", "bench:batch"]);
    assert.equal(code, 0);
    assert.match(stdout, /^bench:batch: Measure cost and memory/);
  });

  it("refuses what would mislead", async () => {
    for (
      const [args, message] of [
        [["cache", "gc", "--max-size", "20"], /found --max-size 20, wanted a/],
        [["reproduce", "configs/demo.toml", "--json"], /--json without --dry/],
        [
          ["reproduce", "configs/demo.toml", "--check-expectations"],
          /demo: found no figure in \[expect\]/,
        ],
        [["status", "configs/demo.toml", "--set", "extends=x"], /a parent aft/],
      ] as const
    ) assert.match(await refusalOf(...args), message);
  });

  it("exits with 2 when its answer cannot be written, and goes on without its log", async () => {
    for (const [redirect, code] of [[">/dev/full", 2], ["2>/dev/full", 0]]) {
      const { code: found, stderr } = await runProcess("sh", [
        "-c",
        `"$0" run --no-prompt --allow-read pipeline/cli.ts --help ${redirect}`,
        Deno.execPath(),
      ]);
      assert.equal(found, code);
      if (code === 2) {
        assert.match(
          stderr,
          /^Cannot print the answer: standard output: found No space left.*\n$/,
        );
      }
    }
    // A task of a developer as well.
    const { code, stderr } = await runProcess("sh", [
      "-c",
      '"$0" run --no-prompt --allow-read --allow-env tests/bench/bench.ts --model=h100 >/dev/full',
      Deno.execPath(),
    ]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^Cannot print the answer: .*\n$/);
  });

  it("says which program it is, wherever it is asked", async () => {
    for (const args of ["--version", "-V", "help --version", "reproduce -V"]) {
      const { code, stdout } = await runCli(args.split(" "));
      assert.equal(code, 0);
      assert.match(
        stdout,
        /^self-tnet \d+\.\d+\.\d+(, commit [0-9a-f]{12}( with changes)?)?, Deno \d+\.\d+\.\d+ \(\S+\)\n$/,
      );
    }
  });

  it("refuses a ~ that no shell replaced", async () => {
    assert.equal(
      await refusalOf(
        "extract",
        "--checkpoint=~/m.pt",
        "--input=a",
        "--out=b",
      ),
      'Cannot run extract: --checkpoint: found "~/m.pt", wanted a path without ~, which only a shell replaces; write the whole path',
    );
    assert.match(await refusalOf("status", "~"), /found "~", wanted a path/);
  });

  it("refuses a URL where it wants a path, and there alone", async () => {
    assert.equal(
      await refusalOf("match", "https://example.org/a.jpg", "b.jpg"),
      'Cannot run match: found the URL "https://example.org/a.jpg", wanted a path of this machine; fetch it first, and name the file',
    );
    assert.match(
      await refusalOf("reproduce", "none.toml", "--remote=http://127.0.0.1:9"),
      /none\.toml: found no file /,
    );
  });

  it("lists the commands when it cannot guess", async () => {
    assert.equal(
      await refusalOf("xyzzy"),
      `Cannot run a command: found "xyzzy", which is no command, wanted one of ${
        commands.map(({ name }) => name).join(", ")
      }`,
    );
  });

  it("guesses a misspelt flag", async () => {
    assert.equal(
      await refusalOf("status", "configs/demo.toml", "--jsn"),
      "Cannot run status: found an unknown flag --jsn, wanted one of --set, --json, --cache, --runs, --help, --version; did you mean --json?",
    );
  });

  it("asks for what is missing", async () => {
    assert.equal(
      await refusalOf("explain"),
      "Cannot run explain: found too few arguments, wanted <config.toml>; usage: ./run explain <config.toml> [--set KEY=VALUE]… [--json] [--cache DIR] [--runs DIR]",
    );
    assert.match(
      await refusalOf("extract", "--checkpoint", "x.safetensors"),
      /^Cannot run extract: found too few arguments, wanted --input DIR; usage: /,
    );
  });

  it("refuses what is too much", async () => {
    assert.match(
      await refusalOf("status", "a.toml", "b.toml"),
      /^Cannot run status: found a surplus argument "b\.toml", wanted <config\.toml>; usage: /,
    );
    assert.match(
      await refusalOf("doctor", "now"),
      /^Cannot run doctor: found a surplus argument "now", wanted none; usage: /,
    );
    assert.match(
      await refusalOf(
        "extract",
        "--out=a",
        "--out=b",
        "--input=c",
        "--checkpoint=d",
      ),
      /^Cannot run extract: found --out given 2 times, wanted it once; usage: /,
    );
  });

  it("asks for a flag's value", async () => {
    assert.match(
      await refusalOf("status", "a.toml", "--set"),
      /^Cannot run status: found --set without a value, wanted --set KEY=VALUE; usage: /,
    );
    assert.match(
      await refusalOf("status", "a.toml", "--set", "--json"),
      /^Cannot run status: found --set without a value, wanted --set KEY=VALUE; usage: /,
    );
  });

  it("prints config errors as they are, one line each, without a stack", async () => {
    assert.equal(
      await refusalOf("status", "nowhere.toml"),
      `Cannot read the config: nowhere.toml: found no file ${
        join(projectDirectory, "nowhere.toml")
      }, wanted a TOML file; check the path; the bundled configs are in configs/`,
    );
    const { code, stderr } = await runCli([
      "reproduce",
      "configs/demo.toml",
      "--set",
      "stage1.lr=-1",
      "--set=stage1.wd=-1",
    ]);
    assert.equal(code, 2);
    assert.equal(
      stderr,
      "Cannot read the config: --set stage1.lr=-1: stage1.lr: found -1, wanted a number above 0\n" +
        "Cannot read the config: --set stage1.wd=-1: stage1.wd: found -1, wanted a number of 0 or more\n",
    );
  });

  it("refuses a task of evaluate that does not exist", async () => {
    assert.equal(
      await refusalOf(
        ..."evaluate --descriptors a --tasks b --split full --out c --task matchin"
          .split(" "),
      ),
      "Cannot run evaluate: found --task matchin, wanted one of verification, matching, retrieval; did you mean matching?",
    );
  });

  it("refuses a batch size of extract that is none, and activations that there are not", async () => {
    const extract = (...flags: string[]) =>
      refusalOf(
        ..."extract --checkpoint a --input b --out c".split(" "),
        ...flags,
      );
    assert.equal(
      await extract("--batch-size", "0"),
      "Cannot run extract: found --batch-size 0, wanted a whole number of 1 or more",
    );
    assert.equal(
      await extract("--activations", "bf16"),
      "Cannot run extract: found --activations bf16, wanted f32 or f16",
    );
  });

  it("refuses to convert what it cannot read, or into what it cannot write", async () => {
    assert.equal(
      await refusalOf("convert", "a.safetensors", "b.pt"),
      "Cannot convert: b.pt: found another kind of file, wanted a name that ends with .safetensors or .onnx",
    );
    assert.match(
      await refusalOf("convert", "nowhere.safetensors"),
      /^Cannot read the checkpoint: nowhere\.safetensors: found no such file or folder, /,
    );
  });
});
