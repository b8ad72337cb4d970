import { deepEqual, rejects } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  allPairs,
  readPairList,
} from "../../../pipeline/matching/exchange/pair_list.ts";

const names = [
  "a.jpg",
  "b.jpg",
  "in/c d.jpg",
  "d.jpg",
  "x",
  "x y",
  "y z",
  "z",
  "#1.jpg",
];

async function read(text: string) {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeTextFileSync(path, text);
    return await readPairList(path, names);
  } finally {
    Deno.removeSync(path);
  }
}

describe("a list of pairs", () => {
  it("has two names a line, between blanks or a tab", async () => {
    deepEqual(
      await read("a.jpg b.jpg\r\n\n# a comment\nd.jpg\ta.jpg\nb.jpg   d.jpg"),
      [[0, 1], [3, 0], [1, 3]],
    );
  });

  it("may have names with blanks where there is one way to read them", async () => {
    deepEqual(await read("in/c d.jpg a.jpg\nb.jpg in/c d.jpg\n"), [
      [2, 0],
      [1, 2],
    ]);
  });

  it("takes a name that begins with # for a name", async () => {
    deepEqual(await read("# b.jpg a.jpg\n#1.jpg a.jpg\n#2.jpg a.jpg\n"), [
      [8, 0],
    ]);
  });

  it("counts a pair once, as it was named first", async () => {
    deepEqual(await read("b.jpg a.jpg\na.jpg b.jpg\nb.jpg a.jpg\n"), [[1, 0]]);
  });

  const refused: [what: string, text: string, found: string][] = [
    [
      "a name that is none",
      "a.jpg b.jpg\na.jpg x.jpg",
      '2: found "a.jpg x.jpg", wanted',
    ],
    ["one name", "a.jpg", '1: found "a.jpg", wanted'],
    [
      "a photograph with itself",
      "a.jpg a.jpg",
      '1: found "a.jpg a.jpg", wanted',
    ],
    [
      "a line that can be read in two ways",
      "x y z",
      '1: found "x y z", which can be read in more ways than one, wanted',
    ],
  ];
  for (const [what, text, found] of refused) {
    it(`refuses ${what}, with the line`, async () => {
      await rejects(
        read(text),
        ({ message }: Error) => message.includes(found),
      );
    });
  }

  it("is every pair once without a list", () => {
    deepEqual([...allPairs(0)], []);
    deepEqual([...allPairs(1)], []);
    deepEqual([...allPairs(4)], [
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 2],
      [1, 3],
      [2, 3],
    ]);
  });
});
