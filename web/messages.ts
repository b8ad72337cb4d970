import type { Keypoint, Matches } from "../features/mod.ts";
import type { MatchingPart } from "../pipeline/descriptors/describe_image.ts";
import type { GeometryName } from "../pipeline/matching/geometry_names.ts";
import type { PairGeometry } from "../pipeline/matching/match_images.ts";

/** Which of the two photographs. */
export type Side = "left" | "right";

/** Both sides, in the order of reading. */
export const sides: readonly Side[] = ["left", "right"];

/** Most keypoints of a photograph that the page works with. */
export const mostKeypoints = 4000;

/** A file that was chosen; two with one number are the same. */
export interface ChosenFile {
  id: number;
  /** as its owner calls it */
  name: string;
  file: Blob;
}

/** What sliders and switches say. */
export interface Settings {
  /** of each photograph, the strongest; at most {@linkcode mostKeypoints} */
  keypoints: number;
  /** largest ratio of nearest to second nearest distance, in (0, 1] */
  ratio: number;
  geometry: GeometryName;
  /** how far a match may lie from the geometry and agree with it, in pixels */
  inlierPixels: number;
  /** whether RootSIFT is matched too, on the same keypoints */
  comparesRootSift: boolean;
}

/** All that the page shows follows from this. */
export interface Task {
  /** rises; the newest counts */
  number: number;
  left?: ChosenFile;
  right?: ChosenFile;
  /** where the network that comes with the page lies, or a file of the user's own */
  network: ChosenFile | { id: number; name: string; url: string };
  settings: Settings;
}

/** What the worker is asked for. */
export type Request =
  | { kind: "task"; task: Task }
  | {
    kind: "patches";
    /** number of the question */
    question: number;
    /** numbers of a photograph's file and of its keypoint */
    left: PatchPlace;
    right: PatchPlace;
  }
  /** the newest matches as files for COLMAP */
  | { kind: "colmap" };

/** Where a patch is. */
export interface PatchPlace {
  photograph: number;
  keypoint: number;
}

/** Milliseconds that each part took. */
export type PartTimes = Partial<Record<MatchingPart, number>>;

/** What is described with: the network, or the method it is compared with. */
export type MethodName = "network" | "rootsift";

/** What one method found. */
export interface MethodResult {
  matches: Matches;
  geometry: PairGeometry;
  times: PartTimes;
}

/** What is at fault when something could not be done. */
export type Fault = Side | "network" | "gpu" | "page";

/** What the worker answers. */
export type Reply =
  | { kind: "adapter"; name: string }
  | {
    kind: "no gpu";
    /** what went wrong, where that is more than that there is none */
    fault?: string;
  }
  | { kind: "progress"; text: string }
  | {
    /** a photograph was read: its size, and its grey values at a size to look at */
    kind: "picture";
    id: number;
    width: number;
    height: number;
    bitmap: ImageBitmap;
  }
  | { kind: "keypoints"; id: number; keypoints: Keypoint[] }
  | {
    kind: "matched";
    task: Task;
    /** keypoints of each photograph that were matched */
    counts: Record<Side, number>;
    methods: Partial<Record<MethodName, MethodResult>>;
    /** hex digits */
    networkSha256: string;
  }
  | { kind: "failed"; fault: Fault; task: number; message: string }
  | {
    kind: "patches";
    question: number;
    /** u8 [64, 64] each */
    left: Uint8Array;
    right: Uint8Array;
  }
  | {
    kind: "colmap";
    /** a zip */
    bytes: Uint8Array<ArrayBuffer>;
  };
