import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { childPermissions } from "../../../pipeline/commands/network_access.ts";
import {
  type Finished,
  projectDirectory,
  runProcess,
} from "../../helpers/command_line.ts";
import { freePort } from "../../helpers/pipeline/nginx.ts";

const secret = "s3cret-words";
const config = join(projectDirectory, "configs/smoke.toml");

describe("reproduce with a shared cache", () => {
  let folder: string;
  beforeEach(() => {
    folder = Deno.makeTempDirSync();
  });
  afterEach(() => Deno.removeSync(folder, { recursive: true }));

  /** Runs `reproduce` with the permissions of its task. */
  function reproduce(
    args: string[],
    env: Record<string, string> = {},
  ): Promise<Finished> {
    return runProcess(Deno.execPath(), [
      "run",
      ...childPermissions,
      "--allow-run",
      `${projectDirectory}/pipeline/cli.ts`,
      "reproduce",
      config,
      ...args,
    ], { cwd: folder, env });
  }

  it("ends with code 2 and one line when the server fails and strictness was asked for", async () => {
    const seen: (string | null)[] = [];
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      ({ headers }) => {
        seen.push(headers.get("authorization"));
        return new Response(`no entry for ${headers.get("authorization")}`, {
          status: 403,
        });
      },
    );
    const host = `127.0.0.1:${server.addr.port}`;
    try {
      const { code, stdout, stderr } = await reproduce(["--remote-strict"], {
        SELF_TNET_REMOTE: `http://${host}/team`,
        SELF_TNET_REMOTE_USER: "me",
        SELF_TNET_REMOTE_PASSWORD: secret,
      });
      assert.equal(code, 2, stderr);
      assert.equal(
        stderr,
        `Cannot read from the shared cache: ${host}/team: found status 403; set SELF_TNET_REMOTE_TOKEN, or SELF_TNET_REMOTE_USER and SELF_TNET_REMOTE_PASSWORD, to somebody's who may do that\n`,
      );
      assert.equal(stdout, "");
      assert.deepEqual(seen, [`Basic ${btoa(`me:${secret}`)}`]);
    } finally {
      await server.shutdown();
    }
  });

  it("ends with code 2 when nobody is there and strictness was asked for", async () => {
    const port = freePort();
    const { code, stderr } = await reproduce([
      "--remote",
      `http://127.0.0.1:${port}`,
      "--remote-strict",
    ], { SELF_TNET_REMOTE_TOKEN: secret });
    assert.equal(code, 2, stderr);
    assert.equal(
      stderr,
      `Cannot read from the shared cache: 127.0.0.1:${port}: found nobody there (connection refused); check the server, or run without --remote-strict\n`,
    );
  });

  it("refuses a password in the address and does not repeat it", async () => {
    const { code, stdout, stderr } = await reproduce([
      "--remote",
      `http://me:${secret}@127.0.0.1:1`,
    ]);
    assert.equal(code, 2);
    assert.match(stderr, /^Cannot use a shared cache: --remote: found a URL /);
    assert.doesNotMatch(stdout + stderr, /s3cret/);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});
