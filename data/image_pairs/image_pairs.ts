/** Pairs of images with what is known to hold between them, as published sets and lists tell it. */

/** That a homography holds. */
export interface HomographyTruth {
  kind: "homography";
  /** [9] right ~ H·left, row by row; (0, 0) is the centre of the first pixel */
  matrix: Float64Array;
}

/** How two calibrated cameras stood. */
export interface PoseTruth {
  kind: "pose";
  /** [9] a point X before the left camera is at rotation·X + translation before the right; row by row */
  rotation: Float64Array;
  /** [3] of any length but 0 */
  translation: Float64Array;
  /** [9] row by row, upper triangular, for pixels whose first has its centre at (0, 0) */
  leftIntrinsics: Float64Array;
  /** [9] as `leftIntrinsics` */
  rightIntrinsics: Float64Array;
}

/** What is known to hold between two images. */
export type PairTruth = HomographyTruth | PoseTruth;

/** Two images and what holds between them. */
export interface ImagePair {
  /** pairs of one sequence show the same things */
  sequence: string;
  /** number of an image of the set */
  left: number;
  /** number of an image of the set */
  right: number;
  truth: PairTruth;
}

/** Pairs that are measured together, all with truth of one kind. */
export interface ImagePairSet {
  kind: PairTruth["kind"];
  /** paths */
  images: string[];
  pairs: ImagePair[];
  /** paths of the files that tell what holds */
  truthFiles: string[];
}
