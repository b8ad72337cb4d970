import { equal, ok } from "node:assert/strict";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { fuzz } from "../helpers/data/fuzz.ts";
import { parsers } from "../helpers/data/parsers.ts";

const mutations = 400;

describe("damaged files of every parser, more by ./run test:fuzz:", () => {
  for (const parser of parsers()) {
    it(`${parser.name} is read or refused in one line`, async () => {
      const folder = await Deno.makeTempDir();
      const path = join(folder, "damaged");
      const { refused, sound } = await fuzz(parser, mutations, path);
      await Deno.remove(folder, { recursive: true });
      equal(refused + sound, mutations);
      ok(refused > mutations / 20, `${refused} refused`);
    });
  }
});
