import { equal } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { DataError } from "../../data/errors.ts";

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
