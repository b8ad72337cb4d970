import assert from "node:assert/strict";
import { dirname, join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { projectDirectory, runProcess } from "../helpers/command_line.ts";
import { Machine } from "../helpers/pipeline/starter_machine.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

describe("./run", () => {
  it("hands every argument on, spaces and quotes included", async () => {
    const machine = new Machine(folder);
    machine.addDeno("2.9.0");
    const args = ["status", "my config.toml", "--set", "a='b \"c\" $d'", ""];
    const { code, stdout, stderr } = await machine.run(args);
    assert.equal(code, 0, stderr);
    assert.equal(
      stdout,
      ["task", "--quiet", "--config", `${machine.project}/deno.json`, ...args]
        .map((argument) => `<${argument}>`).join(""),
    );
    assert.equal(stderr, "");
  });

  it("says beforehand that a limit of files ends the program without a word", async () => {
    const machine = new Machine(folder);
    machine.addDeno("2.9.0");
    const { code, stderr } = await runProcess("sh", [
      "-c",
      'ulimit -f 100 && exec "$0" status',
      join(machine.project, "run"),
    ], {
      env: { PATH: `${join(folder, "programs")}:${Deno.env.get("PATH")}` },
    });
    assert.equal(code, 0);
    assert.match(
      stderr,
      /^ulimit -f is \d+ here: a file that outgrows it ends the program without a word; raise it if that happens\n$/,
    );
  });

  for (
    const [limit, least, refusal] of [
      [
        "-n 32",
        "-n 64",
        "found ulimit -n 32, wanted at least 64 open files; raise it with `ulimit -n 1024` and run again",
      ],
      [
        "-v 4000000",
        "-v 50331648",
        "found ulimit -v 4000000, wanted at least 50331648 KiB of addresses, which need no memory; raise it with `ulimit -v unlimited` and run again",
      ],
    ]
  ) {
    it(`refuses to start with ulimit ${limit}, in which Deno would break down`, async () => {
      const machine = new Machine(folder);
      machine.addDeno("2.9.0");
      const started = (limit: string) =>
        runProcess("sh", [
          "-c",
          `ulimit ${limit} && exec "$0" status`,
          join(machine.project, "run"),
        ], {
          env: { PATH: `${join(folder, "programs")}:${Deno.env.get("PATH")}` },
        });
      const { code, stderr } = await started(limit);
      assert.equal(code, 2);
      assert.equal(stderr, `Cannot start: ${refusal}\n`);
      assert.equal((await started(least)).code, 0);
    });
  }

  it("shows the help when nothing is asked for", async () => {
    const machine = new Machine(folder);
    machine.addDeno("3.0.0");
    assert.match((await machine.run([])).stdout, /<help>$/);
    assert.match((await machine.run(["--help"])).stdout, /<help><--help>$/);
  });

  it("asks what a task of a developer is in place of running it", async () => {
    const machine = new Machine(folder);
    machine.addDeno("3.0.0");
    for (const task of ["test", "bench:batch", "check", "bundle", "page"]) {
      for (
        const [typed, handed] of [
          ["--help", `<help><${task}>`],
          ["-h", `<help><${task}>`],
          ["--version", "<help><--version>"],
          ["-V", "<help><--version>"],
        ]
      ) {
        const { stdout } = await machine.run([task, "x", typed, "y"]);
        assert.ok(stdout.endsWith(handed), stdout);
      }
    }
  });

  it("lets the task write to the folders of --cache and --runs, however they are typed", async () => {
    const machine = new Machine(folder);
    machine.add(
      "deno",
      `[ "$1" != --version ] || { echo "deno 2.9.6"; exit; }\nprintf '<%s|%s>' "$SELF_TNET_CACHE" "$SELF_TNET_RUNS"`,
    );
    for (
      const [typed, given] of [
        [[], "<|>"],
        [["--cache", "/a b"], "<,/a b|>"],
        [["--cache=/a b", "--runs", "r"], "<,/a b|,r>"],
        [["--runs=r=s", "--set", "--cache"], "<|,r=s>"],
      ] as const
    ) {
      const { stdout } = await machine.run(["lock", "x.toml", ...typed]);
      assert.equal(stdout, given);
    }
  });

  it("leaves a misspelt task to the command line, which guesses", async () => {
    const machine = new Machine(folder);
    machine.addDeno("2.10.1");
    const { stdout } = await machine.run(["reprodce", "x"]);
    assert.match(stdout, /<help><reprodce><x>$/);
  });

  it("knows every task of deno.json", () => {
    const script = Deno.readTextFileSync(join(projectDirectory, "run"));
    const [, cases] = /case \$task in\n([^]*?)\n\*\)/.exec(script)!;
    const { tasks } = JSON.parse(
      Deno.readTextFileSync(join(projectDirectory, "deno.json")),
    );
    const known = new Set(cases.match(/[a-z:*-]+(?=[ |)])/g));
    for (const task of Object.keys(tasks)) {
      const family = task.replace(/:.*/, ":*");
      assert.ok(known.has(task) || known.has(family), task);
    }
  });

  it("says what to do without Deno and npm", async () => {
    const { code, stdout, stderr } = await new Machine(folder).run(["status"]);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.equal(
      stderr,
      "Cannot start: found neither Deno 2.9 nor npm, wanted one of them; install Deno as https://docs.deno.com says\n",
    );
  });

  it("installs the pinned Deno in the project when there is none or an old one", async () => {
    for (const old of [undefined, "1.46.3", "2.8.9", "garbage"]) {
      const machine = new Machine(folder);
      if (old) machine.addDeno(old);
      const installed = join(
        machine.project,
        ".deno/node_modules/@deno/any/deno",
      );
      machine.addDeno("2.9.6", join(folder, "new-deno"));
      machine.add(
        "npm",
        `echo chatter; echo npm warn >&2; echo "$@" > "${folder}/npm-arguments"\n` +
          `mkdir -p "${
            dirname(installed)
          }" && /bin/cp "${folder}/new-deno" "${installed}"`,
      );
      const first = await machine.run(["status"]);
      assert.equal(first.code, 0, first.stderr);
      assert.match(first.stdout, /^<task>.*<status>$/);
      assert.equal(
        first.stderr,
        "Installing Deno 2.9.6 for this project (once)…\n",
      );
      assert.match(
        Deno.readTextFileSync(join(folder, "npm-arguments")),
        /^ci --prefix .*the project\/\.deno --ignore-scripts /m,
      );
      for (const name of ["package.json", "package-lock.json"]) {
        assert.equal(
          Deno.readTextFileSync(join(machine.project, ".deno", name)),
          Deno.readTextFileSync(join(projectDirectory, "packaging/deno", name)),
        );
      }
      const second = await machine.run(["status"]);
      assert.equal(second.stderr, "");
      assert.equal(second.stdout, first.stdout);
      Deno.removeSync(folder, { recursive: true });
      Deno.mkdirSync(folder);
    }
  });

  it("shows what npm said when it fails", async () => {
    const machine = new Machine(folder);
    machine.add("npm", "echo 'no network' >&2; exit 1");
    const { code, stderr } = await machine.run(["status"]);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /\nno network\nCannot install Deno: npm failed as shown above; .*\n$/,
    );
  });

  it("never ends with 1, which means stale, when Deno itself fails", async () => {
    const machine = new Machine(folder);
    for (const command of ["status", "explain", "reproduce", "keys", "cache"]) {
      machine.addVulkan();
      machine.add(
        "deno",
        `[ "$1" != --version ] || { echo "deno 2.9.6"; exit; }\necho broken >&2; exit 1`,
      );
      const { code, stderr } = await machine.run([command]);
      assert.equal(code, 2, command);
      assert.equal(
        stderr,
        "broken\nCannot start: Deno failed as shown above; mend that and run again\n",
      );
    }
  });

  it("says so when npm has no such Deno for the machine", async () => {
    const machine = new Machine(folder);
    machine.add("npm", "exit 0");
    const { code, stderr } = await machine.run(["status"]);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /\nCannot start: npm has no Deno for this machine with the checksum that .*; install Deno 2\.9 or newer yourself\n$/,
    );
  });

  it("has a checksum of each file that npm may bring, of the release that it names", () => {
    const read = (path: string) =>
      Deno.readTextFileSync(join(projectDirectory, path));
    const [, release] = /^deno_release=(.+)$/m.exec(read("run"))!;
    const { dependencies } = JSON.parse(read("packaging/deno/package.json"));
    assert.deepEqual(dependencies, { deno: release });
    const { packages } = JSON.parse(read("packaging/deno/package-lock.json"));
    const { "": project, ...brought } = packages;
    assert.deepEqual(project.dependencies, dependencies);
    assert.equal(Object.keys(brought).length, 7);
    for (
      const [path, { version, integrity, ...rest }] of Object.entries(
        brought as Record<string, Record<string, string>>,
      )
    ) {
      assert.match(
        path,
        /^node_modules\/(deno|@deno\/(darwin|linux|win32)-[\w-]+)$/,
      );
      assert.equal(version, release, path);
      assert.match(integrity, /^sha512-[\w+/]{86}==$/, path);
      assert.ok(!("resolved" in rest), path); // whichever registry is set
    }
  });
});

describe("./run, for real", () => {
  it("works from elsewhere, through a link, in a path with spaces", async () => {
    const link = join(folder, "a linked project");
    Deno.symlinkSync(projectDirectory, link);
    const elsewhere = join(folder, "else where");
    Deno.mkdirSync(elsewhere);
    Deno.writeTextFileSync(join(elsewhere, "my config.toml"), "sed = 1\n");
    const path = `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`;
    const { code, stdout, stderr } = await runProcess(
      join(link, "run"),
      ["status", "my config.toml"],
      { cwd: elsewhere, env: { PATH: path } },
    );
    assert.equal(
      stderr,
      "Cannot read the config: my config.toml:1:1: sed: found an unknown key, wanted a known key; did you mean seed?\n",
    );
    assert.equal(stdout, "");
    assert.equal(code, 2);
  });

  it("has Deno ask the packages' cache of a bundle", async () => {
    const machine = new Machine(folder);
    machine.add(
      "deno",
      '[ "$1" = --version ] && echo "deno 2.9.6" || echo "${DENO_DIR-none}"',
    );
    assert.equal((await machine.run(["status"])).stdout, "none\n");
    machine.addFile("the project/.deno/cache/x");
    const cache = `${machine.project}/.deno/cache\n`;
    assert.equal((await machine.run(["status"])).stdout, cache);
    const { stdout } = await machine.run(["status"], { DENO_DIR: "/own" });
    assert.equal(stdout, "/own\n");
  });

  it("makes a private folder for Mesa when there is none", async () => {
    const machine = new Machine(folder);
    machine.addDeno("2.9.6");
    machine.add(
      "deno",
      '[ "$1" = --version ] && echo "deno 2.9.6" || echo "$XDG_RUNTIME_DIR"',
    );
    for (let round = 0; round < 2; round++) {
      const { stdout } = await machine.run(["status"], {
        XDG_RUNTIME_DIR: "",
        TMPDIR: folder,
      });
      const made = stdout.trim();
      assert.ok(made.startsWith(`${folder}/self-tnet-`), made);
      assert.equal(Deno.statSync(made).mode! & 0o777, 0o700);
    }
  });
});
