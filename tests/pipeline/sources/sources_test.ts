import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parseConfig } from "../../../pipeline/config.ts";
import { sourceNames } from "../../../pipeline/config/source_names.ts";
import { datasetHosts } from "../../../pipeline/sources/dataset_hosts.ts";
import {
  diskNeed,
  setNeeds,
} from "../../../pipeline/sources/resource_estimate.ts";
import { sources } from "../../../pipeline/sources/sources.ts";

function configOf(source: string) {
  const mirror = `["https://sets.example/liberty.zip"]`;
  return parseConfig(
    `[download]\nsource = "${source}"\n[mirrors]\nliberty = ${mirror}\n`,
    "x.toml",
  );
}

describe("every source of patches", () => {
  for (const name of sourceNames) {
    it(`answers what a run with ${name} depends on and takes`, () => {
      const config = configOf(name);
      assert.equal(sources[name].parameters(config).source, name);
      const sets = setNeeds(config, "no such folder");
      const disk = diskNeed(config, sets);
      assert.ok(disk.results_bytes > 0);
      assert.ok(disk.total_bytes >= disk.results_bytes + disk.archives_bytes);
      // Whoever fetches reaches hosts, and whoever reaches hosts fetches.
      assert.equal(datasetHosts(config).length > 0, sets.length > 0);
    });
  }

  it("has parameters of its own, so that no result is taken for another's", () => {
    const keys = sourceNames.map((name) =>
      JSON.stringify(sources[name].parameters(configOf(name)))
    );
    assert.equal(new Set(keys).size, sourceNames.length);
  });
});
