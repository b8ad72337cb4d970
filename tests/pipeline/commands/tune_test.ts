import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { runCli } from "../../helpers/command_line.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.realPathSync(Deno.makeTempDirSync());
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

/** `tune` of the kernel that compiles fastest. */
const run = (...args: string[]) =>
  runCli(["tune", "--kernel", "dense_input_gradient", ...args], {
    cwd: folder,
  });

describe("tune", () => {
  it("measures, prints a table and keeps the tiles", async () => {
    const { code, stdout, stderr } = await run();
    assert.equal(code, 0, stderr);
    const lines = stdout.trimEnd().split("\n");
    assert.equal(lines.length, 5);
    assert.match(lines[0], /^\S.* \((software|integrated|discrete)\)$/);
    assert.match(
      lines[1],
      /^kernel and shape +tried +standard +ms +fastest +ms +ratio$/,
    );
    assert.match(
      lines[2],
      /^dense_input_gradient 8192→128 at 1×1 +\d+ +\d×\d by \d+ +\d+\.\d\d .* [01]\.\d\d$/,
    );
    assert.match(
      lines[3],
      /^[01] of 1 kernels gain 5 % or more; measured by (the adapter's own clock|repetition) in \d+\.\d s$/,
    );
    const path = lines[4].replace(/^kept in /, "");
    assert.ok(path.startsWith(join(folder, ".cache", "tiles")), path);
    const kept = JSON.parse(Deno.readTextFileSync(path));
    assert.deepEqual(Object.keys(kept.tiles), [
      "dense_input_gradient 8192→128 at 1×1",
    ]);
  });

  it("prints JSON", async () => {
    const { code, stdout } = await run("--json", "--quiet");
    assert.equal(code, 0);
    const { path, adapter, time_ms: timeMs, tiles: [tile] } = JSON.parse(
      stdout,
    );
    assert.match(adapter.deviceClass, /^(software|integrated|discrete)$/);
    assert.ok(Deno.statSync(path).isFile);
    assert.ok(timeMs > 0);
    assert.ok(tile.standard.time_ms > 0 && tile.ratio > 0 && tile.ratio <= 1);
    assert.deepEqual(tile.refused, []);
  });

  it("says in one line which kernels there are", async () => {
    const { code, stdout, stderr } = await runCli(
      ["tune", "--kernel", "conv"],
      { cwd: folder },
    );
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(
      stderr,
      /^Cannot run tune: found --kernel conv, wanted one of conv3x3, .*, dense_weight_gradient[^\n]*\n$/,
    );
  });

  it("says in one line that it cannot keep them", async () => {
    Deno.writeTextFileSync(join(folder, ".cache"), "");
    const { code, stdout, stderr } = await run();
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(
      stderr,
      /^Cannot make the store: .*\.cache: found a file in place of a directory; move that file away\n$/,
    );
  });
});
