import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { parseDescriptorCsv } from "../../data/csv/descriptor_text.ts";
import { readHomographySequences } from "../../data/image_pairs/homography_sequences.ts";
import { readPoseList } from "../../data/image_pairs/pose_list.ts";
import {
  readPairTask,
  readQueryTask,
  readSplits,
} from "../../data/published/hpatches_tasks.ts";
import { parseInfo } from "../../data/published/phototour.ts";
import { parsePairs } from "../../data/published/phototour_pairs.ts";
import { countLines, textLines } from "../../data/text_lines.ts";
import { readPairList } from "../../pipeline/matching/exchange/pair_list.ts";

let folder: string;
beforeEach(async () => {
  folder = await Deno.makeTempDir();
});
afterEach(() => Deno.remove(folder, { recursive: true }));

/** The same text as different programs save it; `comma` adds a delimiter behind every row. */
function saved(text: string, delimiter = ""): [how: string, text: string][] {
  const ways: [string, (text: string) => string][] = [
    ["as it is", (text) => text],
    ["with a byte order mark", (text) => `\uFEFF${text}`],
    ["with CRLF", (text) => text.replaceAll("\n", "\r\n")],
    ["with CR", (text) => text.replaceAll("\n", "\r")],
    ["with blanks behind", (text) => text.replaceAll("\n", " \t\n")],
    ["with blank lines at the end", (text) => `${text}\n  \n\r\n`],
    ["without a last line end", (text) => text.trimEnd()],
  ];
  if (delimiter !== "") {
    ways.push([
      "with a delimiter behind every row",
      (text) => text.replaceAll("\n", `${delimiter}\n`),
    ]);
  }
  return ways.map(([how, change]) => [how, change(text)]);
}

async function written(text: string): Promise<string> {
  const path = join(folder, "file");
  await Deno.writeTextFile(path, text);
  return path;
}

describe("however a text was saved, it reads the same:", () => {
  it("lines", () => {
    for (const [how, text] of saved("a b\n\nc\n")) {
      deepEqual([...textLines(text)], ["a b", "", "c"], how);
      equal(countLines(text), 3);
    }
    deepEqual([...textLines("a\rb\r\n\n c\u2028d ")], [
      "a",
      "b",
      "",
      " c\u2028d",
    ]);
    deepEqual([...textLines("")], []);
    deepEqual([...textLines(" \n\r\n")], []);
  });

  it("info.txt and match files", () => {
    for (const [how, text] of saved("7 0\n9 1\n")) {
      deepEqual([...parseInfo(text, "info.txt")], [7, 9], how);
    }
    for (const [how, text] of saved("0 5 0 1 5 0\n2 5 0 3 6 0\n")) {
      const { first, match } = parsePairs(text, "m50.txt");
      deepEqual([[...first], [...match]], [[0, 2], [1, 0]], how);
    }
  });

  it("verification and retrieval tasks, and splits", async () => {
    const pairs = "s1,t1,idx1,s2,t2,idx2\nv_a,1,22,i_b,0,3\n";
    for (const [how, text] of saved(pairs, ",")) {
      const task = await readPairTask(await written(text));
      deepEqual(task.sequences, ["v_a", "i_b"], how);
      deepEqual([task.first.patch[0], task.second.patch[0]], [22, 3], how);
    }
    for (const [how, text] of saved("s,idx\nv_a,1\ni_b,20\n", ",")) {
      const { patch } = await readQueryTask(await written(text));
      deepEqual([...patch], [1, 20], how);
    }
    for (const [how, text] of saved('{"a": {"test": ["v_a"]}}\n')) {
      const splits = await readSplits(await written(text));
      deepEqual(splits.get("a")?.test, ["v_a"], how);
    }
  });

  it("homographies and lists of poses", async () => {
    for (const [how, text] of saved("1 0 4\n0 1 5\n0 0 1\n")) {
      Deno.mkdirSync(join(folder, "v_a"), { recursive: true });
      for (const name of ["1.ppm", "2.ppm"]) {
        Deno.writeTextFileSync(join(folder, "v_a", name), "");
      }
      Deno.writeTextFileSync(join(folder, "v_a", "H_1_2"), text);
      const { pairs } = (await readHomographySequences(folder))!;
      const [{ truth }] = pairs;
      ok(truth.kind === "homography");
      deepEqual([...truth.matrix], [1, 0, 4, 0, 1, 5, 0, 0, 1], how);
    }
    const intrinsics = "500 0 320 0 500 240 0 0 1";
    const shift = "1 0 0 1 0 1 0 0 0 0 1 0 0 0 0 1";
    const line = (left: string) =>
      `${left} b.jpg 0 1 ${intrinsics} ${intrinsics} ${shift}\n`;
    for (const [how, text] of saved(line("a.jpg") + line("c.jpg"))) {
      const { images, pairs } = await readPoseList(await written(text));
      deepEqual(images.length, 3, how);
      deepEqual(
        pairs.map(({ left, right }) => [left, right]),
        [[0, 1], [2, 1]],
        how,
      );
    }
  });

  it("pairs of photographs, with lines that begin with #", async () => {
    const text = "# left right\na.jpg b.jpg\n\n# more\nb.jpg\tc d.jpg\n";
    for (const [how, as] of saved(text)) {
      const names = ["a.jpg", "b.jpg", "c d.jpg"];
      const pairs = await readPairList(await written(as), names);
      deepEqual(pairs, [[0, 1], [1, 2]], how);
    }
  });

  it("descriptors with every delimiter", () => {
    for (const delimiter of [",", ";", "\t", " "]) {
      const rows = [[1, -2.5, 3e2], [4, 5, 6]];
      const plain = rows.map((row) => row.join(delimiter) + "\n").join("");
      for (const [how, text] of saved(plain, delimiter)) {
        const table = parseDescriptorCsv(
          new TextEncoder().encode(text),
          "a.csv",
        );
        equal(table.dimension, 3, `${how}, ${JSON.stringify(delimiter)}`);
        deepEqual([...table.values], rows.flat(), how);
      }
    }
  });
});
