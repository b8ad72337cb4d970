import assert from "node:assert/strict";
import { join } from "@std/path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { publishedNetwork } from "../../../pipeline/descriptors/published_network.ts";
import {
  defaultModel,
  newestModel,
} from "../../../pipeline/matching/default_model.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

/** Leaves a network in a run folder, so many days ago. */
function leave(run: string, stage: string, ageDays: number): string {
  const directory = join(folder, "runs", run, stage);
  Deno.mkdirSync(directory, { recursive: true });
  const path = join(directory, "model.safetensors");
  Deno.writeTextFileSync(path, "");
  const written = new Date(Date.UTC(2024, 0, 20 - ageDays));
  Deno.utimeSync(path, written, written);
  return path;
}

describe("the network of the newest run", () => {
  it("is what its last training stage gave, of the run that was written last", async () => {
    leave("old", "stage1", 2);
    leave("older", "stage2", 3);
    const first = leave("new", "stage1", 0);
    assert.equal(await newestModel(join(folder, "runs")), first);
    const last = leave("new", "stage2", 1);
    assert.equal(await newestModel(join(folder, "runs")), last);
  });

  it("is asked for in one line where there is none", async () => {
    await assert.rejects(
      newestModel(join(folder, "runs")),
      /^PipelineError: Cannot match photographs: .*runs: found no trained network, wanted one of a run; train one with .* --model$/,
    );
  });
});

describe("the network when none is named", () => {
  it("is the one that comes with the program, else the newest run's", async () => {
    const newest = leave("new", "stage1", 0);
    const runs = join(folder, "runs");
    assert.equal(await defaultModel(runs, null), newest);
    const published = join(folder, "weights", "model.safetensors");
    assert.equal(await defaultModel(runs, published), published);
    const here = join(Deno.cwd(), "weights", "model.safetensors");
    assert.equal(await defaultModel(runs, here), "weights/model.safetensors");
  });

  it("comes with the program where weights/ lies beside it in a folder", () => {
    const place = join(folder, "model.safetensors");
    assert.equal(publishedNetwork(pathToFileURL(place)), undefined);
    Deno.writeTextFileSync(place, "");
    assert.equal(publishedNetwork(pathToFileURL(place)), place);
    const elsewhere = new URL("https://example.org/weights/model.safetensors");
    assert.equal(publishedNetwork(elsewhere), undefined);
  });
});
