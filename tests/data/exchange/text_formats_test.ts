import { deepEqual, equal } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { matchesCsv, pairCsv } from "../../../data/exchange/csv_tables.ts";
import { colmapText } from "../../../data/exchange/colmap_text.ts";
import { openCvYaml } from "../../../data/exchange/opencv_yaml.ts";
import { singleText } from "../../../data/exchange/single_text.ts";
import { RandomStream } from "../../../data/random.ts";
import { madeUpPhotograph } from "../../helpers/data/exchange_sample.ts";

/** Cells of a CSV text, by RFC 4180. */
function cells(text: string): string[][] {
  const rows: string[][] = [[""]];
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const row = rows.at(-1)!;
    const character = text[at];
    if (isQuoted && character === '"' && text[at + 1] === '"') {
      row[row.length - 1] += text[++at];
    } else if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) row[row.length - 1] += character;
    else if (character === ",") row.push("");
    else if (character === "\n") rows.push([""]);
    else row[row.length - 1] += character;
  }
  rows.pop();
  return rows;
}

describe("numbers as text", () => {
  it("read as the same float32, and are as short as they can be", () => {
    equal(singleText(0.1), "0.1");
    equal(singleText(-3), "-3");
    equal(singleText(1 / 3), "0.33333334");
    equal(singleText(1.17549435e-38), "1.1754944e-38");
    const stream = new RandomStream(8, "text");
    const bits = new Uint32Array(1);
    const [single] = [new Float32Array(bits.buffer)];
    for (let trial = 0; trial < 20_000; trial++) {
      bits[0] = stream.bits();
      if (!Number.isFinite(single[0])) continue;
      const text = singleText(single[0]);
      equal(Math.fround(Number(text)), single[0] + 0);
    }
  });
});

describe("tables of matches", () => {
  const names = [
    "plain.jpg",
    'with "quotes".jpg',
    "commas, and, more.jpg",
    "a\nline.jpg",
    '"',
    "ü ж 图.jpg",
    " ",
  ];
  for (const name of names) {
    it(`keep the name ${JSON.stringify(name)} in one cell`, () => {
      const left = madeUpPhotograph({ name, count: 2 });
      const right = madeUpPhotograph({ name: `x/${name}`, count: 3 });
      const pair = {
        left,
        right,
        matches: Uint32Array.of(1, 2, 0, 0),
        distances: Float32Array.of(0.5, 0.25),
        ratios: Float32Array.of(0.75, 0.5),
        geometry: null,
        inliers: new Uint32Array(),
      };
      deepEqual(cells(matchesCsv(pair)), [
        [name, `x/${name}`, "1", "2", "0.5", "0.75", "0"],
        [name, `x/${name}`, "0", "0", "0.25", "0.5", "0"],
      ]);
      deepEqual(cells(pairCsv(pair)), [
        [name, `x/${name}`, "2", "0", "", ...new Array(9).fill("")],
      ]);
    });
  }
});

describe("texts for other programs", () => {
  for (const count of [0, 1, 40]) {
    it(`have a line or seven numbers for each of ${count} keypoints`, () => {
      const photograph = madeUpPhotograph({ name: "a", count });
      const lines = colmapText(photograph).split("\n");
      equal(lines[0], `${count} 128`);
      equal(lines.length, count + 2);
      for (const line of lines.slice(1, -1)) {
        equal(line.split(" ").length, 4 + 128);
      }
      const yaml = openCvYaml(photograph);
      const list = /keypoints: \[([^\]]*)\]/.exec(yaml)![1].trim();
      equal(list === "" ? 0 : list.split(",").length, 7 * count);
      const longest = Math.max(...yaml.split("\n").map((line) => line.length));
      equal(longest <= 80, true, `${longest} characters`);
    });
  }
});
