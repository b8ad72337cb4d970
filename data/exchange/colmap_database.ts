import { DatabaseSync, type StatementSync } from "node:sqlite";
import { toColmapAffineRow } from "../../features/conventions/colmap.ts";
import { DataError, fileFault } from "../errors.ts";
import { colmapMatrix } from "./colmap_geometry.ts";
import {
  colmapSchema,
  descriptorTypes,
  pairNumber,
  simpleRadial,
  twoViewConfigurations,
} from "./colmap_schema.ts";
import {
  chosenMatches,
  type DescribedPhotograph,
  type ExchangedPhotograph,
  type MatchedPair,
} from "./described_photograph.ts";
import type { ColmapDescriptors } from "./format_names.ts";
import { keypointRows } from "./keypoint_rows.ts";
import { pressDescriptors } from "./pressed_descriptors.ts";
import { asStored } from "./stored_picture.ts";

/** A camera's focal length is taken to be this many times the longer side, as COLMAP does. */
const focalLengthSides = 1.2;

/**
 * COLMAP's database, growing beside its place in bounded memory. Photographs are numbered from 1 in the order in which they come, and get
 * a camera each. The same calls give the same bytes.
 */
export class ColmapDatabase implements Disposable {
  readonly #path: string;
  readonly #partial: string;
  readonly #descriptors: ColmapDescriptors;
  readonly #database: DatabaseSync;
  readonly #statements: Record<string, StatementSync>;
  readonly #numbers = new Map<string, number>();
  #isOpen = true;

  /**
   * @param path where it is to be; what is there is replaced when the database is finished
   * @throws {DataError} when the place cannot be written
   */
  constructor(path: string, descriptors: ColmapDescriptors = "bytes") {
    this.#path = path;
    this.#partial = `${path}.partial`;
    this.#descriptors = descriptors;
    this.#database = this.#try(() => {
      // What a killed process left.
      removeIfThere(this.#partial);
      return new DatabaseSync(this.#partial);
    });
    this.#try(() => {
      // Nobody else sees it before it is whole, so nothing has to be undone.
      this.#database.exec("PRAGMA journal_mode = OFF; PRAGMA page_size = 4096");
      this.#database.exec(colmapSchema);
      this.#database.exec("BEGIN");
    });
    const insert = (table: string, ...columns: string[]) =>
      this.#database.prepare(
        `INSERT INTO ${table}(${columns.join()}) VALUES(${
          columns.map(() => "?").join()
        })`,
      );
    const matrix = ["rows", "cols", "data"];
    this.#statements = {
      camera: insert(
        "cameras",
        "camera_id",
        "model",
        "width",
        "height",
        "params",
        "prior_focal_length",
      ),
      image: insert("images", "image_id", "name", "camera_id"),
      keypoints: insert("keypoints", "image_id", ...matrix),
      descriptors: insert("descriptors", "image_id", ...matrix, "type"),
      matches: insert("matches", "pair_id", ...matrix),
      geometry: insert(
        "two_view_geometries",
        "pair_id",
        ...matrix,
        "config",
        "F",
        "H",
      ),
    };
  }

  /** Adds a photograph with its camera, keypoints and descriptors. */
  addPhotograph(upright: DescribedPhotograph): void {
    const photograph = asStored(upright);
    const { name, width, height, count } = photograph;
    const number = this.#numbers.size + 1;
    this.#numbers.set(name, number);
    const parameters = Float64Array.of(
      focalLengthSides * Math.max(width, height),
      width / 2,
      height / 2,
      0,
    );
    this.#run(
      "camera",
      number,
      simpleRadial,
      width,
      height,
      bytesOf(parameters),
      0,
    );
    this.#run("image", number, name, number);
    const keypoints = keypointRows(photograph, 6, toColmapAffineRow);
    this.#run("keypoints", number, count, 6, bytesOf(keypoints));
    this.#addDescriptors(number, photograph);
  }

  #addDescriptors(
    number: number,
    { count, descriptors, dimension }: DescribedPhotograph,
  ): void {
    if (this.#descriptors === "none") return;
    const isPressed = this.#descriptors === "bytes";
    this.#run(
      "descriptors",
      number,
      count,
      isPressed ? dimension : dimension * Float32Array.BYTES_PER_ELEMENT,
      isPressed
        ? pressDescriptors(descriptors, dimension)
        : bytesOf(descriptors),
      isPressed ? descriptorTypes.sift : descriptorTypes.undefined,
    );
  }

  /** Adds the matches of two photographs that were added before, and what was found to hold between them, if they were verified. */
  addPair(pair: MatchedPair): void {
    const numbers = [this.#numberOf(pair.left), this.#numberOf(pair.right)];
    const isSwapped = numbers[0] > numbers[1];
    const number = pairNumber(Math.min(...numbers), Math.max(...numbers));
    const ordered = (matches: Uint32Array) =>
      bytesOf(isSwapped ? swapped(matches) : matches);
    const { matches, inliers, geometry } = pair;
    this.#run("matches", number, matches.length / 2, 2, ordered(matches));
    if (geometry === undefined) return;
    const matrix = colmapMatrix(pair, isSwapped);
    const blob = matrix === undefined ? null : bytesOf(matrix);
    const { degenerate, uncalibrated, planarOrPanoramic } =
      twoViewConfigurations;
    const isPlane = geometry?.kind === "homography";
    this.#run(
      "geometry",
      number,
      inliers.length,
      2,
      ordered(chosenMatches(matches, inliers)),
      geometry === null
        ? degenerate
        : isPlane
        ? planarOrPanoramic
        : uncalibrated,
      isPlane ? null : blob,
      isPlane ? blob : null,
    );
  }

  /** Puts the database on the disk and gives it its name. */
  finish(): void {
    this.#try(() => {
      this.#database.exec("COMMIT");
      this.#close();
      // What a killed COLMAP left beside an older database would be taken for changes of this one.
      for (const ending of ["-wal", "-shm", "-journal"]) {
        removeIfThere(this.#path + ending);
      }
      Deno.renameSync(this.#partial, this.#path);
    });
  }

  [Symbol.dispose](): void {
    this.#close();
    removeIfThere(this.#partial);
  }

  #close(): void {
    if (this.#isOpen) this.#database.close();
    this.#isOpen = false;
  }

  #numberOf({ name }: ExchangedPhotograph): number {
    const number = this.#numbers.get(name);
    if (number === undefined) throw new RangeError(`${name} was not added`);
    return number;
  }

  #run(
    statement: string,
    ...values: (number | string | Uint8Array | null)[]
  ): void {
    this.#try(() => this.#statements[statement].run(...values));
  }

  #try<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new DataError({
        attempt: "write COLMAP's database",
        where: this.#path,
        found: fileFault(error),
        wanted: "a folder that can be written, with room for the file",
        remedy: "create the folder, free space or choose another place",
      });
    }
  }
}

function swapped(matches: Uint32Array): Uint32Array {
  return matches.map((_, index) => matches[index ^ 1]);
}

function bytesOf(
  { buffer, byteOffset, byteLength }: ArrayBufferView,
): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
