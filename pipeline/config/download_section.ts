import { photoTourSetNames } from "./archives.ts";
import { key, pathKey, section } from "./section.ts";
import { sourceNames } from "./source_names.ts";
import {
  even,
  fraction,
  oneOf,
  someOf,
  someText,
  text,
  toggle,
  whole,
} from "./values.ts";

/** `[download]`. */
export const downloadSection = section("where the patches come from", {
  source: key(
    oneOf(sourceNames, "photos"),
    "`photos` cuts patch sets out of photographs, `phototour` reads the UBC/Brown sets and HPatches",
  ),
  source_dir: pathKey(
    text('the path of a folder, or ""', ""),
    'folder of your own images, "" = the bundled photographs; or of published sets, unpacked or as archives, where what is not there is fetched',
  ),
  offline: key(
    toggle(false),
    "fetch nothing: what is neither in `source_dir` nor fetched already is an error; `--offline` sets it",
  ),
  patch_gen: key(
    oneOf(["new"], "new"),
    "how patches are cut; only `new` exists",
    "patch_gen",
  ),
  keypoints: key(
    oneOf(["drawn", "detector"], "drawn"),
    "where training patches are: at places `drawn` by a weight map, or where our detectors find keypoints, cut as `match` cuts them",
  ),
  view_noise: key(
    oneOf(["regions", "detector", "both"], "regions"),
    "how a label's views differ: by the `regions`' noise of HPatches, as other cameras and a `detector` there differ, or by `both` in turns",
  ),
  depth_edges: key(
    fraction(0),
    "share of the training keypoints with another surface beside them, nearer or farther, that moves against theirs from view to view",
  ),
  camera_grain: key(
    toggle(false),
    "views but the first are pictures of a camera with pixels, noise and compression of its own, from which the patches are cut",
  ),
  weight_function: key(
    oneOf(["Hessian", "HessianSqrt", "HessianSqrt4", "uniform"], "Hessian"),
    "weight map that keypoints are drawn by",
    "weight_function",
  ),
  sigmas_v: key(
    someText(
      '"e011" or scales of 1 to 50 pixels separated by commas',
      "e011",
      /^(e011|[\d\s.,]+)$/,
    ),
    "scales in pixels that keypoints are looked for at: `e011` (eleven, 2 to 11.3) or numbers separated by commas",
    "sigmas_v",
  ),
  patch_sets: key(
    whole(2, 30000, 10_000_000),
    "keypoints (= labels) over all training images",
    "patch_sets",
  ),
  min_sets_per_img: key(
    whole(-1, -1),
    "an image that gives fewer keypoints is an error that names the image; -1 = no minimum",
    "min_sets_per_img",
  ),
  max_sets_per_img: key(
    whole(1, 1729, 10_000_000),
    "no image gives more keypoints",
    "max_sets_per_img",
  ),
  views: key(whole(2, 6, 1000), "patches for each label"),
  held_out: key(whole(1, 3, 100_000), "images kept for testing"),
  held_out_train: key(
    toggle(false),
    "images kept for testing train as well, for a network to be given away: its figures on them tell of memory",
  ),
  test_pairs: key(
    even(10000),
    "PhotoTour-style test pairs in all, half of them matching",
  ),
  patches_per_sequence: key(
    whole(2, 400, 1_000_000),
    "patches in each held-out HPatches-style sequence",
  ),
  pairs_per_photograph: key(
    whole(0, 5, 1000),
    "other views of each held-out photograph, each an image pair with it; 0 = no image pairs",
  ),
  training_set: key(
    oneOf(photoTourSetNames, "liberty"),
    'set that training uses when `source = "phototour"`',
  ),
  test_sets: key(
    someOf(photoTourSetNames, ["notredame", "yosemite"]),
    'sets whose pairs FPR95 is measured on when `source = "phototour"`',
  ),
  partial_sets: key(
    toggle(false),
    "accept sets with another number of patches than was published: cut-down copies for trying things out",
  ),
});
