import assert from "node:assert/strict";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { commands } from "../pipeline/commands/commands.ts";
import { furtherTasks } from "../pipeline/commands/arguments/usage.ts";
import { childPermissions } from "../pipeline/commands/network_access.ts";
import { remoteCacheVariables } from "../pipeline/remote/cache_options.ts";
import { projectDirectory } from "./helpers/command_line.ts";
import { permissionsOfTask } from "./helpers/task_permissions.ts";

const { tasks } = JSON.parse(
  Deno.readTextFileSync(join(projectDirectory, "deno.json")),
) as { tasks: Record<string, { description: string; command: string }> };

/** Permission flags of a command line, `net` for `--allow-net=…`. */
function permissions(command: string): Map<string, string> {
  return new Map(
    [...command.matchAll(/--allow-([a-z]+)(?:=([^\s"]+))?/g)].map((
      [, name, scope],
    ) => [name, scope ?? ""]),
  );
}

describe("the tasks of deno.json", () => {
  it("have a description each", () => {
    for (const [name, { description }] of Object.entries(tasks)) {
      assert.match(description, /^[A-Z].{10,}/, name);
    }
  });

  it("never ask for everything, and never stop to ask", () => {
    for (const [name, { command }] of Object.entries(tasks)) {
      assert.doesNotMatch(command, /(^|\s)(-A|--allow-all|-P\S*)(\s|$)/, name);
      for (const [call] of command.matchAll(/deno (run|test|bench)[^&]*/g)) {
        assert.match(call, / --no-prompt /, name);
      }
    }
  });

  it("give no command the network, native code or more of the environment than its shared cache, and other programs only where that is given up at once", () => {
    for (const { name, hosts } of commands) {
      const granted = permissions(tasks[name].command);
      for (const forbidden of ["net", "ffi"]) {
        assert.ok(!granted.has(forbidden), `${name} has ${forbidden}`);
      }
      assert.equal(
        granted.get("env"),
        name === "reproduce"
          ? Object.values(remoteCacheVariables).join(",")
          : undefined,
      );
      assert.equal(granted.get("run"), hosts === undefined ? undefined : "");
    }
  });

  it("allow reproduce what its child with the network may do, and to start it", () => {
    assert.deepEqual(
      permissionsOfTask("reproduce"),
      [...childPermissions, "--allow-run"],
    );
  });

  it("let every command read its own code, the module of its worker too", () => {
    for (const { name } of commands) {
      assert.equal(permissions(tasks[name].command).get("read"), "", name);
    }
  });

  it("let a pipeline write to its own two folders only, and to those that ./run finds behind --runs and --cache", () => {
    for (const name of ["reproduce", "doctor"]) {
      assert.equal(
        permissions(tasks[name].command).get("write"),
        "runs,.cache$SELF_TNET_RUNS$SELF_TNET_CACHE",
      );
    }
    for (
      const name of ["plan", "status", "explain", "accept", "cache", "tune"]
    ) {
      assert.equal(
        permissions(tasks[name].command).get("write"),
        ".cache$SELF_TNET_CACHE",
      );
    }
  });

  it("give tests the loopback network only", () => {
    const scope = permissions(tasks.test.command).get("net");
    assert.equal(scope, "127.0.0.1,localhost");
  });

  it("never fall back to OpenGL, which counts as an adapter and computes badly", () => {
    const onGpu = commands.filter(({ usesGpu }) => usesGpu !== undefined);
    assert.ok(onGpu.length >= 5);
    for (const name of [...onGpu.map(({ name }) => name), "test"]) {
      assert.match(
        tasks[name].command,
        /DENO_WEBGPU_BACKEND=vulkan,metal,dx12 deno /,
      );
    }
  });

  it("exist for every further task, which is no command", () => {
    for (const name of furtherTasks) {
      assert.ok(name in tasks, name);
      assert.ok(commands.every((command) => command.name !== name), name);
    }
  });

  it("exist for every command", () => {
    for (const { name } of commands) {
      assert.match(tasks[name].command, new RegExp(`cli\\.ts" ${name}$`));
    }
  });
});
