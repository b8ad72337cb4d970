import assert from "node:assert/strict";
import { join } from "@std/path";
import { pathToFileURL } from "node:url";
import { describe, it } from "@std/testing/bdd";
import { bundleJavaScript } from "../../packaging/javascript.ts";
import { projectDirectory, runProcess } from "../helpers/command_line.ts";

/** Runs `act` in a folder of its own. */
async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await act(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

describe("bundleJavaScript", () => {
  it("makes of gpu/ what a browser takes as it is", async () => {
    await inFolder(async (directory) => {
      await bundleJavaScript({
        root: projectDirectory,
        modules: ["gpu/mod.ts"],
        directory,
        platform: "browser",
      });
      const path = join(directory, "gpu", "mod.mjs");
      const text = await Deno.readTextFile(path);
      assert.doesNotMatch(text, /^\s*import /m);
      assert.doesNotMatch(text, /^\s*using /m);
      assert.match(text, /@compute/);
      const { openGpu } = await import(pathToFileURL(path).href);
      assert.equal(typeof openGpu, "function");
    });
  });

  it("brings along what a runtime lacks", async () => {
    await inFolder(async (directory) => {
      const source = join(directory, "source.ts");
      await Deno.writeTextFile(
        source,
        `const told: string[] = [];
        class Thing implements Disposable {
          constructor(readonly name: string) {}
          [Symbol.dispose]() { told.push(this.name); }
        }
        function make(fails: boolean) {
          using owned = new DisposableStack();
          owned.use(new Thing("first"));
          owned.use(new Thing("second"));
          if (fails) throw new Error("too early");
          return owned.move();
        }
        const kept = make(false);
        told.push("made");
        kept.dispose();
        kept.dispose();
        try { make(true); } catch { told.push("failed"); }
        console.log(told.join(" "));`,
      );
      await bundleJavaScript({
        root: directory,
        modules: ["source.ts"],
        directory: join(directory, "made"),
        platform: "browser",
      });
      const bundled = pathToFileURL(join(directory, "made", "source.mjs"));
      for (const lacking of ["", "delete globalThis.DisposableStack;"]) {
        const code = `${lacking} await import(${
          JSON.stringify(bundled.href)
        });`;
        const { stdout, stderr } = await runProcess(Deno.execPath(), [
          "eval",
          "--no-check",
          code,
        ]);
        assert.equal(stdout, "made second first second first failed\n", stderr);
      }
    });
  });

  it("says what is wrong with a module", async () => {
    await inFolder(async (directory) => {
      await Deno.writeTextFile(join(directory, "bad.ts"), "const = 1;");
      await assert.rejects(
        bundleJavaScript({
          root: directory,
          modules: ["bad.ts"],
          directory: join(directory, "made"),
          platform: "node",
        }),
        /bad\.ts:1:6/,
      );
    });
  });
});
