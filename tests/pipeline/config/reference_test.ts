import assert from "node:assert/strict";
import type * as v from "valibot";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { type Config, parseConfig } from "../../../pipeline/config.ts";
import {
  keyReference,
  listSections,
} from "../../../pipeline/config/reference.ts";
import type {
  SectionName,
  sections,
} from "../../../pipeline/config/sections.ts";
import { configTypes } from "../../../pipeline/config/type_text.ts";
import { projectDirectory } from "../../helpers/command_line.ts";

const keys = listSections().flatMap(({ keys }) => keys);

/** What the schemas say that a config holds. */
type SchemaValues = {
  [Name in SectionName]: v.InferOutput<typeof sections[Name]["schema"]>;
};

describe("the types of a config", () => {
  it("are what pipeline/config/types.ts holds", () => {
    const module = join(projectDirectory, "pipeline/config/types.ts");
    assert.equal(
      Deno.readTextFileSync(module),
      configTypes(),
      "./run keys --types > pipeline/config/types.ts",
    );
  });

  it("are those of its schemas, both ways", () => {
    const config: Pick<Config, SectionName> = parseConfig("", "x.toml");
    const values: SchemaValues = config;
    const back: Pick<Config, SectionName> = values;
    assert.equal(back.stage1.lr, 0.0033);
  });
});

describe("the reference of a config's keys", () => {
  it("is what docs/config.md holds", () => {
    const page = join(projectDirectory, "docs/config.md");
    assert.equal(
      Deno.readTextFileSync(page),
      keyReference(),
      "./run keys --markdown > docs/config.md",
    );
  });

  it("names every value of a config, with the default that nobody changed", () => {
    const { file: _, name: _name, ...config } = parseConfig("", "x.toml");
    const values = Object.entries(config).flatMap(([name, value]) =>
      typeof value === "object"
        ? Object.entries(value).map(([key, inner]) => [`${name}.${key}`, inner])
        : [[name, value]]
    );
    const listed = keys.filter(({ path }) => !/^(name|extends)$/.test(path));
    assert.deepEqual(
      Object.fromEntries(
        listed.map(({ path, fallback }) => [path, JSON.parse(fallback)]),
      ),
      Object.fromEntries(values),
    );
  });

  it("says of every key what it may hold and what it means, in one line each", () => {
    for (const { path, wanted, meaning } of keys) {
      assert.match(wanted, /^[^\n]{4,}$/, path);
      assert.doesNotMatch(wanted, /undefined/, path);
      assert.match(meaning, /^[^\n]{8,}[^.]$/, path);
    }
  });

  it("knows the flags of the authors' command lines", () => {
    const flags = new Set(keys.map(({ authorsFlag }) => authorsFlag));
    const authors = [
      "arch loss optimizer patch_gen sigmas_v weight_function epochs tuples",
      "patch_sets batch_size min_sets_per_img max_sets_per_img lr R B Npos",
      "teacher A use_stB threshold upper all_info seed wd neg_num",
      "test_batch_size resume bsNum use_finetune range lr_factor",
    ].join(" ").split(" ");
    assert.deepEqual(authors.filter((flag) => !flags.has(flag)), []);
  });
});
