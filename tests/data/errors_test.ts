import { equal, fail, match } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { join } from "@std/path";
import { DataError, fileFault } from "../../data/errors.ts";
import { fileFault as pipelineFileFault } from "../../pipeline/files/file_errors.ts";

describe("a data error", () => {
  it("says attempt, place, what was found and wanted, and what to do, in one line", () => {
    const error = new DataError({
      attempt: "read the image",
      where: "a.png",
      found: "nothing",
      wanted: "a picture",
      remedy: "take one",
    });
    equal(
      error.message,
      "Cannot read the image: a.png: found nothing, wanted a picture; take one",
    );
    equal(error.name, "DataError");
    equal(error.remedy, "take one");
  });

  it("leaves out what it does not know, and any control character", () => {
    equal(
      new DataError({ attempt: "x", found: "y" }).message,
      "Cannot x: found y",
    );
    equal(
      new DataError({ attempt: "x", found: "a\r\n  b\x07c\x1b[1m" }).message,
      "Cannot x: found a b c [1m",
    );
  });
});

describe("what went wrong with a file", () => {
  it("is told in words, without Deno's calls, numbers and paths", () => {
    const folder = Deno.makeTempDirSync();
    const file = join(folder, "file");
    Deno.writeTextFileSync(file, "");
    Deno.symlinkSync("loop", join(folder, "loop"));
    Deno.symlinkSync("/gone/set", join(folder, "nowhere"));
    const cases: [work: () => unknown, data: RegExp, pipeline: RegExp][] = [
      [
        () => [...Deno.readDirSync(join(folder, "none"))],
        /^no such file or folder$/,
        /^no such file or directory$/,
      ],
      [
        () => Deno.statSync(join(folder, "nowhere")),
        /^a link to \/gone\/set, where nothing is$/,
        /^a link to \/gone\/set, where nothing is$/,
      ],
      [
        () => [...Deno.readDirSync(file)],
        /^a file in place of a folder$/,
        /^a file in place of a directory$/,
      ],
      [
        () => Deno.readTextFileSync(folder),
        /^a folder in place of a file$/,
        /^a directory in place of a file$/,
      ],
      [
        () => Deno.statSync(join(folder, "loop")),
        /^links in a circle$/,
        /^links in a circle$/,
      ],
      [
        () => Deno.statSync(join(folder, "x".repeat(300))),
        /^File name too long$/,
        /^a name too long$/,
      ],
      [
        () => {
          throw new Deno.errors.BadResource(
            "Odd thing (os error 123): open '/a/b'",
          );
        },
        /^Odd thing$/,
        /^Odd thing$/,
      ],
    ];
    try {
      for (const [work, data, pipeline] of cases) {
        try {
          work();
          fail("it should have failed");
        } catch (error) {
          match(fileFault(error), data);
          match(pipelineFileFault(error), pipeline);
        }
      }
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
});
