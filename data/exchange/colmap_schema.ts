/**
 * The tables of COLMAP's database as version 3.8 makes them: `images` has the columns for a prior pose that later versions leave out,
 * `descriptors` the column `type` that version 4 adds, with its default. Tables of later versions they make themselves on opening.
 * `user_version` is that of 3.9, so that version 4 brings up to date what it wants.
 */
export const colmapSchema = `
PRAGMA user_version = 3900;
CREATE TABLE cameras (
  camera_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  model INTEGER NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  params BLOB,
  prior_focal_length INTEGER NOT NULL);
CREATE TABLE images (
  image_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  name TEXT NOT NULL UNIQUE,
  camera_id INTEGER NOT NULL,
  prior_qw REAL,
  prior_qx REAL,
  prior_qy REAL,
  prior_qz REAL,
  prior_tx REAL,
  prior_ty REAL,
  prior_tz REAL,
  CONSTRAINT image_id_check CHECK(image_id >= 0 and image_id < 2147483647),
  FOREIGN KEY(camera_id) REFERENCES cameras(camera_id));
CREATE UNIQUE INDEX index_name ON images(name);
CREATE TABLE keypoints (
  image_id INTEGER PRIMARY KEY NOT NULL,
  rows INTEGER NOT NULL,
  cols INTEGER NOT NULL,
  data BLOB,
  FOREIGN KEY(image_id) REFERENCES images(image_id) ON DELETE CASCADE);
CREATE TABLE descriptors (
  image_id INTEGER PRIMARY KEY NOT NULL,
  rows INTEGER NOT NULL,
  cols INTEGER NOT NULL,
  data BLOB,
  type INTEGER NOT NULL DEFAULT 0,
  FOREIGN KEY(image_id) REFERENCES images(image_id) ON DELETE CASCADE);
CREATE TABLE matches (
  pair_id INTEGER PRIMARY KEY NOT NULL,
  rows INTEGER NOT NULL,
  cols INTEGER NOT NULL,
  data BLOB);
CREATE TABLE two_view_geometries (
  pair_id INTEGER PRIMARY KEY NOT NULL,
  rows INTEGER NOT NULL,
  cols INTEGER NOT NULL,
  data BLOB,
  config INTEGER NOT NULL,
  F BLOB,
  E BLOB,
  H BLOB,
  qvec BLOB,
  tvec BLOB);
`;

/** COLMAP's numbers for what holds between two images. */
export const twoViewConfigurations = {
  /** nothing holds */
  degenerate: 1,
  /** a fundamental matrix */
  uncalibrated: 3,
  /** a homography, of a plane or of a camera that only turned */
  planarOrPanoramic: 6,
};

/** COLMAP's number for a camera with one focal length, a principal point and one coefficient of distortion. */
export const simpleRadial = 2;

/** COLMAP's numbers for kinds of descriptors, from version 4 on. */
export const descriptorTypes = { undefined: -1, sift: 0 };

/** Number of a pair of images. @param low the smaller of their numbers, which are from 1 */
export function pairNumber(low: number, high: number): number {
  return 2147483647 * low + high;
}
