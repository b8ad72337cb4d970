import { deepEqual, equal, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { after, before, describe, it } from "@std/testing/bdd";
import { applyTo } from "../../features/geometry/homography.ts";
import { pressDescriptors } from "../../data/exchange/pressed_descriptors.ts";
import type { DescribedPhotograph } from "../../data/exchange/described_photograph.ts";
import { projectDirectory, runProcess } from "../helpers/command_line.ts";
import {
  samplePairs,
  samplePhotographs,
  writeSample,
} from "../helpers/data/exchange_sample.ts";

/** The part of a test's context that is used here. */
type Skippable = { skip(reason: string): void };

/** An array as the independent reader saw it; of large ones the digest. */
interface ReadArray {
  dtype: string;
  shape: number[];
  values?: number[];
  sha256?: string;
}

interface Golden {
  readers: Record<string, string>;
  files: Record<string, { sha256: string; content: Record<string, unknown> }>;
}

const golden: Golden = JSON.parse(
  await Deno.readTextFile(new URL("exchange/read_back.json", import.meta.url)),
);

let folder: string;

before(async () => {
  folder = Deno.makeTempDirSync();
  await writeSample(folder);
});

after(() => Deno.removeSync(folder, { recursive: true }));

function read(file: string, array: string): ReadArray {
  return golden.files[file].content[array] as ReadArray;
}

/** That an independent reader saw these numbers, as far as float32 tells them. */
function sees(
  file: string,
  array: string,
  shape: number[],
  wanted: ArrayLike<number>,
  dtype = "float32",
) {
  const seen = read(file, array);
  const where = `${file}: ${array}`;
  equal(seen.dtype, dtype, where);
  deepEqual(seen.shape, shape, where);
  if (seen.sha256 !== undefined) {
    const typed = dtype === "uint8"
      ? Uint8Array.from(wanted)
      : Float32Array.from(wanted);
    equal(sha256(new Uint8Array(typed.buffer)), seen.sha256, where);
    return;
  }
  equal(seen.values!.length, wanted.length, where);
  seen.values!.forEach((value, index) => {
    const error = Math.abs(value - wanted[index]);
    const wholly = Math.max(1, Math.abs(wanted[index]));
    ok(error < 1e-6 * wholly, `${where}: ${value}, not ${wanted[index]}`);
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Rows [x, y, sigma, angle, response]. */
function rowsOf({ keypoints }: DescribedPhotograph): number[][] {
  return Array.from(
    { length: keypoints.length / 5 },
    (_, i) => [...keypoints.subarray(5 * i, 5 * i + 5)],
  );
}

/**
 * The rows in the picture as it is stored. Orientation 6: what is seen at the right is stored at the top, so that x of the
 * stored picture is y of the upright one, and its y runs against x.
 */
function storedRows(photograph: DescribedPhotograph): number[][] {
  if (photograph.orientation === 1) return rowsOf(photograph);
  equal(photograph.orientation, 6);
  const quarter = Math.PI / 2;
  return rowsOf(photograph).map(([x, y, sigma, angle, response]) => [
    y,
    photograph.width - 1 - x,
    sigma,
    angle < quarter ? angle + 3 * quarter : angle - quarter,
    response,
  ]);
}

function storedSize({ width, height, orientation }: DescribedPhotograph) {
  return orientation === 6 ? [height, width] : [width, height];
}

const degrees = (radians: number) => radians * 180 / Math.PI;

const pairName = (left: number, right: number) =>
  `${samplePhotographs[left].name} | ${samplePhotographs[right].name}`;

describe("files for other programs", () => {
  it("are byte for byte those that independent programs have read", () => {
    for (const [name, { sha256: wanted }] of Object.entries(golden.files)) {
      const bytes = Deno.readFileSync(join(folder, name));
      // Which SQLite wrote a database stands in its header.
      if (name.endsWith(".db")) bytes.fill(0, 92, 100);
      equal(sha256(bytes), wanted, name);
    }
  });

  it("are read by python3 with h5py, scipy, numpy and OpenCV, where it is there", async (test: Skippable) => {
    const script = join(projectDirectory, "tests/golden/make_exchange_golden.py");
    const run = await runProcess("/usr/bin/python3", [script, "--read", folder])
      .catch(() => undefined);
    if (run === undefined || /ModuleNotFoundError/.test(run.stderr)) {
      return test.skip("no python3 with h5py, scipy, numpy and OpenCV");
    }
    equal(run.code, 0, run.stderr);
    deepEqual(JSON.parse(run.stdout), golden.files);
  });

  for (const photograph of samplePhotographs) {
    const { name, count, descriptors, dimension } = photograph;
    const rows = rowsOf(photograph);
    const stored = storedRows(photograph);
    const [width, height] = storedSize(photograph);
    const pressed = pressDescriptors(descriptors, dimension);

    it(`tell COLMAP of ${name}`, () => {
      const file = "colmap/database.db";
      const number = samplePhotographs.indexOf(photograph) + 1;
      sees(file, `${name}/number`, [1], [number], "int64");
      sees(file, `${name}/camera`, [4], [2, width, height, 0], "int64");
      sees(
        file,
        `${name}/parameters`,
        [4],
        [1.2 * Math.max(width, height), width / 2, height / 2, 0],
        "float64",
      );
      const affine = stored.flatMap(([x, y, sigma, angle]) => {
        const [c, s] = [sigma * Math.cos(angle), sigma * Math.sin(angle)];
        return [x + 0.5, y + 0.5, c, -s, s, c];
      });
      sees(file, `${name}/keypoints`, [count, 6], affine);
      sees(file, `${name}/descriptors`, [count, 128], pressed, "uint8");
      sees(file, `${name}/type`, [1], [0], "int64");
      const places = stored.flatMap((
        [x, y, sigma, angle],
      ) => [x + 0.5, y + 0.5, sigma, angle]);
      const text = `colmap-text/${name}.txt`;
      sees(text, "keypoints", [count, 4], places);
      sees(text, "descriptors", [count, 128], pressed, "uint8");
      const binary = `eth/keypoints/${name}.bin`;
      sees(binary, "matrix", [count, 4], places);
      const rest = `eth/descriptors/${name}.bin`;
      sees(rest, "matrix", [count, 128], descriptors);
    });

    it(`tell hloc, numpy, MATLAB and OpenCV of ${name}`, () => {
      const hloc = "hloc/feats.h5";
      const at = (column: number) => rows.map((row) => row[column]);
      const places = stored.flatMap(([x, y]) => [x, y]);
      sees(hloc, `${name}/keypoints`, [count, 2], places);
      sees(hloc, `${name}/scales`, [count], at(2));
      const storedDegrees = stored.map((row) => degrees(row[3]));
      sees(hloc, `${name}/oris`, [count], storedDegrees);
      sees(hloc, `${name}/scores`, [count], at(4));
      sees(hloc, `${name}/image_size`, [2], [width, height], "int32");
      const columns = Array.from(
        { length: 128 * count },
        (_, i) => descriptors[(i % count) * 128 + Math.floor(i / count)],
      );
      sees(hloc, `${name}/descriptors`, [128, count], columns);

      const npz = `npz/${name}.npz`;
      const corner = stored.flatMap(([x, y]) => [x + 0.5, y + 0.5]);
      sees(npz, "keypoints", [count, 2], corner);
      sees(npz, "scores", [count], at(4));
      sees(npz, "scales", [count], at(2));
      sees(npz, "oris", [count], stored.map((row) => degrees(row[3])));
      sees(npz, "descriptors", [count, 128], descriptors);

      const mat = `mat/${name}.mat`;
      const frames = [
        ...stored.map(([x]) => x + 1),
        ...stored.map(([, y]) => y + 1),
        ...stored.map((row) => row[2]),
        ...stored.map((row) => row[3]),
      ];
      sees(mat, "frames", [4, count], frames);
      sees(mat, "descrs", [128, count], columns);
      sees(mat, "scores", [1, count], at(4));
      sees(mat, "image_size", [1, 2], [height, width]);

      const opencv = `opencv/${name}.yml`;
      const points = rows.flatMap(([x, y, sigma, angle, response]) => [
        x,
        y,
        2 * sigma,
        degrees(angle),
        response,
        0,
        -1,
      ]);
      const size = [photograph.width, photograph.height];
      sees(opencv, "image_size", [2], size, "int64");
      sees(opencv, "keypoints", [count, 7], points);
      sees(opencv, "descriptors", [count, 128], descriptors);
    });

    it(`tell tables of ${name}`, () => {
      const { head, rows: cells } = golden.files[`csv/${name}.csv`]
        .content as { head: string[]; rows: string[][] };
      equal(head.slice(0, 6).join(), "x,y,sigma,angle,response,d0");
      deepEqual(cells.map((row) => row.slice(0, 5).map(Number)), rows);
      cells.forEach((row, index) => {
        const values = row.slice(5).map((cell) => Math.fround(Number(cell)));
        const start = 128 * index;
        deepEqual(values, [...descriptors.subarray(start, start + 15)]);
      });
    });
  }

  it("tell COLMAP the matches by its own order of numbers, and what holds in its own pixels", () => {
    const file = "colmap/database.db";
    const { content } = golden.files[file];
    sees(file, "user_version", [1], [3900], "int64");
    const whole = (name: string, shape: number[], values: number[]) =>
      sees(file, name, shape, values, "uint32");
    whole(`${pairName(0, 1)}/matches`, [3, 2], [0, 6, 2, 1, 4, 0]);
    whole(`${pairName(0, 1)}/inliers`, [2, 2], [0, 6, 4, 0]);
    whole(`${pairName(0, 2)}/inliers`, [1, 2], [3, 0]);
    // The photograph turned.jpg was the left one.
    whole(`${pairName(0, 4)}/matches`, [2, 2], [2, 3, 4, 0]);
    whole(`${pairName(0, 3)}/matches`, [0, 2], []);
    whole(`${pairName(0, 3)}/inliers`, [0, 2], []);
    whole(`${pairName(1, 2)}/matches`, [1, 2], [5, 1]);
    equal(content[`${pairName(1, 2)}/config`], undefined);
    const config = (left: number, right: number) =>
      read(file, `${pairName(left, right)}/config`).values![0];
    deepEqual(
      [config(0, 1), config(0, 2), config(0, 4), config(0, 3)],
      [3, 6, 3, 1],
    );
    equal(content[`${pairName(0, 1)}/H`], undefined);
    equal(content[`${pairName(0, 2)}/F`], undefined);

    const colmap = (photograph: number, x: number, y: number) => {
      const { orientation, width } = samplePhotographs[photograph];
      return orientation === 6
        ? [y + 0.5, width - 1 - x + 0.5, 1]
        : [x + 0.5, y + 0.5, 1];
    };
    const product = (matrix: ArrayLike<number>, l: number[], r: number[]) =>
      r.reduce((sum, value, i) =>
        sum + value * l.reduce((inner, other, j) =>
              inner + matrix[3 * i + j] * other, 0), 0);
    const points = [[10, 20], [250, 31], [77, 190]];
    for (
      const [pair, first, second] of [[0, 0, 1], [2, 0, 4]] as const
    ) {
      const ours = samplePairs[pair].geometry!.matrix;
      const theirs = read(file, `${pairName(first, second)}/F`).values!;
      // Both vanish together: one is a multiple of the other.
      const ratios = points.flatMap(([x, y]) =>
        points.map(([u, v]) => {
          const isSwapped = pair === 2;
          const wanted = isSwapped
            ? product(ours, [u, v, 1], [x, y, 1])
            : product(ours, [x, y, 1], [u, v, 1]);
          return product(theirs, colmap(first, x, y), colmap(second, u, v)) /
            wanted;
        })
      );
      for (const ratio of ratios) {
        ok(Math.abs(ratio / ratios[0] - 1) < 1e-9, `${ratios}`);
      }
      ok(Math.abs(Math.hypot(...theirs) - 1) < 1e-12);
    }
    const plane = samplePairs[1].geometry!.matrix;
    const theirs = read(file, `${pairName(0, 2)}/H`).values!;
    for (const [x, y] of points) {
      const wanted = applyTo(plane, x, y);
      const found = applyTo(Float64Array.from(theirs), x + 0.5, y + 0.5);
      ok(Math.abs(found.x - 0.5 - wanted.x) < 1e-9);
      ok(Math.abs(found.y - 0.5 - wanted.y) < 1e-9);
    }
  });

  it("tell hloc, ETH and tables the matches", () => {
    const file = "hloc/matches.h5";
    const group = (left: number, right: number) =>
      [left, right].map((number) =>
        samplePhotographs[number].name.replaceAll("/", "-")
      ).join("/");
    sees(file, `${group(0, 1)}/matches0`, [5], [6, -1, 1, -1, 0], "int16");
    const score = (distance: number) => 1 - Math.fround(distance) ** 2 / 4;
    sees(
      file,
      `${group(0, 1)}/matching_scores0`,
      [5],
      [score(0.3), 0, score(0.4), 0, score(0.5)],
    );
    sees(file, `${group(4, 0)}/matches0`, [4], [4, -1, -1, 2], "int16");
    sees(file, `${group(3, 0)}/matches0`, [0], [], "int16");
    const { lines } = golden.files["hloc/pairs.txt"].content as {
      lines: string[];
    };
    equal(lines[0], "plain.jpg sub folder/ü ж.png");
    equal(lines.length, samplePairs.length + 1);
    const eth = "eth/matches/turned.jpg---plain.jpg.bin";
    sees(eth, "matrix", [2, 2], [3, 2, 0, 4], "uint32");
    const table = golden.files["csv/matches.csv"].content as {
      rows: string[][];
    };
    deepEqual(table.rows[1], [
      "plain.jpg",
      "sub folder/ü ж.png",
      "2",
      "1",
      "0.4",
      "0.6",
      "0",
    ]);
    equal(table.rows.at(-1)!.at(-1), "");
    const pairs = golden.files["csv/pairs.csv"].content as { rows: string[][] };
    deepEqual(
      pairs.rows.map((row) => row.slice(2, 5)),
      [["3", "2", "fundamental"], ["2", "1", "homography"], [
        "2",
        "2",
        "fundamental",
      ], ["0", "0", ""], ["1", "", ""]],
    );
    deepEqual(pairs.rows[1].slice(5).map(Number), [
      ...samplePairs[1].geometry!.matrix,
    ]);
    const text = golden.files["colmap-text/inlier_matches.txt"].content as {
      lines: string[];
    };
    deepEqual(text.lines.slice(0, 5), [
      "plain.jpg sub folder/ü ж.png",
      "0 6",
      "4 0",
      "",
      "plain.jpg sub folder/deep/it's, so.jpg",
    ]);
  });
});
