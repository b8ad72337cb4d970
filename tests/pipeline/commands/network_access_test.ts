import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { projectDirectory, runProcess } from "../../helpers/command_line.ts";

const parent = join(
  projectDirectory,
  "tests/helpers/pipeline/small/network_parent.ts",
);
const startsPrograms = ["run", "--no-prompt", "--allow-read", "--allow-run"];

/** Starts network_parent.ts, and lets the test write to it, signal it and read what it prints. */
function start(...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [...startsPrograms, parent, ...args],
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

describe("network access", () => {
  let server: Deno.HttpServer<Deno.NetAddr>;
  let other: Deno.HttpServer<Deno.NetAddr>;
  beforeEach(() => {
    const options = { port: 0, hostname: "127.0.0.1", onListen() {} };
    server = Deno.serve(options, () => new Response("served"));
    other = Deno.serve(options, () => new Response("never to be seen"));
  });
  afterEach(async () => {
    await server.shutdown();
    await other.shutdown();
  });

  it("stays in the process and gives up other programs when there are no hosts", async () => {
    const { code, stdout } = await runProcess(
      Deno.execPath(),
      [...startsPrograms, parent, ""],
    );
    assert.equal(code, 0);
    assert.equal(stdout, "went on, run: prompt\n");
  });

  it("stays in the process when its hosts are allowed already", async () => {
    const host = `127.0.0.1:${server.addr.port}`;
    const { code, stdout } = await runProcess(
      Deno.execPath(),
      [...startsPrograms, `--allow-net=${host}`, parent, host],
    );
    assert.equal(code, 0);
    assert.equal(stdout, "went on, run: prompt\n");
  });

  it("reaches the named hosts in a child, no other, and starts no program there", async () => {
    const host = `127.0.0.1:${server.addr.port}`;
    const { code, stdout } = await runProcess(Deno.execPath(), [
      ...startsPrograms,
      parent,
      host,
      "fetch",
      `http://${host}/`,
      `http://127.0.0.1:${other.addr.port}/`,
      `http://localhost:${server.addr.port}/`,
    ]);
    assert.equal(code, 0);
    assert.equal(stdout, "served\nNotCapable\nNotCapable\nrun: prompt\n");
  });

  it("is refused in one line when neither the network nor a child is allowed", async () => {
    const { code, stderr } = await runProcess(
      Deno.execPath(),
      ["run", "--no-prompt", "--allow-read", parent, "a.example:443"],
    );
    assert.equal(code, 1);
    assert.match(
      stderr,
      /PipelineError: Cannot reach the network: a\.example:443: found no permission from Deno, wanted --allow-net=a\.example:443, or --allow-run; start it through its task/,
    );
  });

  it("hands through what the child reads and prints, and its exit code", async () => {
    const process = start("127.0.0.1:9", "echo", "7");
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode("typed"));
    await writer.close();
    const { code, stderr } = await process.output();
    assert.equal(code, 7);
    assert.equal(new TextDecoder().decode(stderr), "typed\n");
  });

  const signals: [signal: Deno.Signal, action: string, code: number][] = [
    ["SIGINT", "catch", 130],
    ["SIGINT", "wait", 130],
    ["SIGTERM", "wait", 143],
  ];
  for (const [signal, action, code] of signals) {
    it(`passes ${signal} on to a child that is told to ${action}`, async () => {
      const process = start("127.0.0.1:9", action);
      await process.stdin.close();
      let stdout = "";
      const decoded = process.stdout.pipeThrough(new TextDecoderStream());
      for await (const text of decoded) {
        stdout += text;
        if (stdout === "waiting\n") process.kill(signal);
      }
      assert.equal((await process.status).code, code);
      assert.equal(stdout, `waiting\n${action === "catch" ? "caught\n" : ""}`);
      await process.stderr.cancel();
    });
  }
});
