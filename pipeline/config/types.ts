// Made by `./run keys --types > pipeline/config/types.ts` from the table that configs are checked with.
// deno-fmt-ignore-file
import type { Stage1LossName } from "../../gpu/nn/losses.ts";
import type { NetworkName } from "../../gpu/nn/networks.ts";
import type { OptimizerName } from "../../gpu/nn/optimizers.ts";
import type { DescriptorName } from "./descriptor_names.ts";
import type { ScheduleName } from "./schedule_names.ts";
import type { SourceName } from "./source_names.ts";
import type { TaskName } from "./task_names.ts";

export type {
  DescriptorName,
  NetworkName,
  OptimizerName,
  ScheduleName,
  SourceName,
  Stage1LossName,
  TaskName,
};

/** Everything that steers a run. Property names are the TOML keys, which docs/config.md explains. */
export type Config = {
  /** name of the folder under `runs/`; default: the config file's stem */
  name: string;
  /** path of the file it was read from; has no effect on any result */
  file: string;
  /** every random choice is a function of it; a whole number from 0 to 4294967295; default `211`; the authors' `--seed` */
  seed: number;
  /** `[download]`: where the patches come from */
  download: DownloadConfig;
  /** `[stage1]`: preliminary training with example difficulty balancing */
  stage1: Stage1Config;
  /** `[stage2]`: annealing training, one cycle for each step of the batch ladder */
  stage2: Stage2Config;
  /** `[extract]`: descriptors of the test patches */
  extract: ExtractConfig;
  /** `[evaluate]`: measures on the descriptors */
  evaluate: EvaluateConfig;
  /** `[expect]`: published figures to compare with */
  expect: ExpectConfig;
  /** `[mirrors]`: where the published archives are fetched from; the program reaches no other host */
  mirrors: MirrorsConfig;
  /** `[contents]`: what the published archives have to hold; `manifest.json` tells the digests */
  contents: ContentsConfig;
  /** `[gpu]`: how the device is used */
  gpu: GpuConfig;
};

/** Name that `[mirrors]` and `[contents]` know a published archive by. */
export type ArchiveName = keyof ContentsConfig;

/** `[download]`: where the patches come from. */
export type DownloadConfig = {
  /** `photos` cuts patch sets out of photographs, `phototour` reads the UBC/Brown sets and HPatches; one of "photos", "phototour"; default `"photos"` */
  source: SourceName;
  /** folder of your own images, "" = the bundled photographs; or of published sets, unpacked or as archives, where what is not there is fetched; the path of a folder, or ""; default `""` */
  source_dir: string;
  /** fetch nothing: what is neither in `source_dir` nor fetched already is an error; `--offline` sets it; true or false; default `false` */
  offline: boolean;
  /** how patches are cut; only `new` exists; "new"; default `"new"`; the authors' `--patch_gen` */
  patch_gen: "new";
  /** where training patches are: at places `drawn` by a weight map, or where our detectors find keypoints, cut as `match` cuts them; one of "drawn", "detector"; default `"drawn"` */
  keypoints: "drawn" | "detector";
  /** how a label's views differ: by the `regions`' noise of HPatches, as other cameras and a `detector` there differ, or by `both` in turns; one of "regions", "detector", "both"; default `"regions"` */
  view_noise: "regions" | "detector" | "both";
  /** share of the training keypoints with another surface beside them, nearer or farther, that moves against theirs from view to view; a number from 0 to 1; default `0` */
  depth_edges: number;
  /** views but the first are pictures of a camera with pixels, noise and compression of its own, from which the patches are cut; true or false; default `false` */
  camera_grain: boolean;
  /** weight map that keypoints are drawn by; one of "Hessian", "HessianSqrt", "HessianSqrt4", "uniform"; default `"Hessian"`; the authors' `--weight_function` */
  weight_function: "Hessian" | "HessianSqrt" | "HessianSqrt4" | "uniform";
  /** scales in pixels that keypoints are looked for at: `e011` (eleven, 2 to 11.3) or numbers separated by commas; "e011" or scales of 1 to 50 pixels separated by commas; default `"e011"`; the authors' `--sigmas_v` */
  sigmas_v: string;
  /** keypoints (= labels) over all training images; a whole number from 2 to 10000000; default `30000`; the authors' `--patch_sets` */
  patch_sets: number;
  /** an image that gives fewer keypoints is an error that names the image; -1 = no minimum; a whole number of -1 or more; default `-1`; the authors' `--min_sets_per_img` */
  min_sets_per_img: number;
  /** no image gives more keypoints; a whole number from 1 to 10000000; default `1729`; the authors' `--max_sets_per_img` */
  max_sets_per_img: number;
  /** patches for each label; a whole number from 2 to 1000; default `6` */
  views: number;
  /** images kept for testing; a whole number from 1 to 100000; default `3` */
  held_out: number;
  /** images kept for testing train as well, for a network to be given away: its figures on them tell of memory; true or false; default `false` */
  held_out_train: boolean;
  /** PhotoTour-style test pairs in all, half of them matching; an even whole number from 2 to 100000000; default `10000` */
  test_pairs: number;
  /** patches in each held-out HPatches-style sequence; a whole number from 2 to 1000000; default `400` */
  patches_per_sequence: number;
  /** other views of each held-out photograph, each an image pair with it; 0 = no image pairs; a whole number from 0 to 1000; default `5` */
  pairs_per_photograph: number;
  /** set that training uses when `source = "phototour"`; one of "liberty", "notredame", "yosemite", "liberty_harris", "notredame_harris", "yosemite_harris"; default `"liberty"` */
  training_set: "liberty" | "notredame" | "yosemite" | "liberty_harris" | "notredame_harris" | "yosemite_harris";
  /** sets whose pairs FPR95 is measured on when `source = "phototour"`; a list, each entry once: one of "liberty", "notredame", "yosemite", "liberty_harris", "notredame_harris", "yosemite_harris" (at least one entry); default `["notredame","yosemite"]` */
  test_sets: ("liberty" | "notredame" | "yosemite" | "liberty_harris" | "notredame_harris" | "yosemite_harris")[];
  /** accept sets with another number of patches than was published: cut-down copies for trying things out; true or false; default `false` */
  partial_sets: boolean;
};

/** `[stage1]`: preliminary training with example difficulty balancing. */
export type Stage1Config = {
  /** the network; "SDGMNet128"; default `"SDGMNet128"`; the authors' `--arch` */
  arch: NetworkName;
  /** weighted balance loss, balance loss without weights, plain triplet margin, triplet margin with the weights; those of other methods (docs/rivals.md) take `Npos = 2`; one of "ExpTeacher", "balance", "tripletMargin_o", "tripletTeacher", "HardNet", "HardNetAllViews", "SOSNet", "HyNet", "HyNetSecondOrder", "SDGMNet"; default `"ExpTeacher"`; the authors' `--loss` */
  loss: Stage1LossName;
  /** the update rule: fastai's Adam, PyTorch's, or gradient descent with momentum; one of "adam", "torch_adam", "sgd"; default `"adam"`; the authors' `--optimizer` */
  optimizer: OptimizerName;
  /** how the learning rate goes: one cycle of fastai's, which moves the momentum too, constant, linearly to 0, or halved after every tenth of the steps; one of "one_cycle", "constant", "linear", "halving"; default `"one_cycle"` */
  schedule: ScheduleName;
  /** momentum, β₁ of an Adam, under every schedule but `one_cycle`; a number of 0 or more and below 1; default `0.9` */
  momentum: number;
  /** rounds of `tuples`; a whole number from 1 to 1000000; default `25`; the authors' `--epochs` */
  epochs: number;
  /** tuples in one epoch; steps per epoch = floor(tuples / batch_size); a whole number from 2 to 1099511627776; default `4050000`; the authors' `--tuples` */
  tuples: number;
  /** distinct labels in a step; a whole number from 2 to 65536; default `2560`; the authors' `--batch_size` */
  batch_size: number;
  /** for the test at an epoch's end; no effect: a training batch's worth is described at once; a whole number from 1 to 65536; default `2048`; the authors' `--test_batch_size` */
  test_batch_size: number;
  /** learning rate; the largest of the one-cycle schedule; a number above 0; default `0.0033`; the authors' `--lr` */
  lr: number;
  /** weight decay: decoupled and sparing biases with `adam`, through the gradient of everything with the others; a number of 0 or more; default `0.1`; the authors' `--wd` */
  wd: number;
  /** factor of a² in the loss; a number of 0 or more; default `1`; the authors' `--R` */
  R: number;
  /** balance constant, used when `use_stB` is off; a number above 0; default `3.7`; the authors' `--B` */
  B: number;
  /** factor of median(a) in the statistical B; a number of 0 or more; default `1.05`; the authors' `--A` */
  A: number;
  /** patches of each label in a step; a whole number from 2 to 1000; default `3`; the authors' `--Npos` */
  Npos: number;
  /** how many times the hardest negatives are mined; a whole number of 1 or more; default `1`; the authors' `--neg_num` */
  neg_num: number;
  /** who judges how difficult an example is: the network itself in inference mode, or a checkpoint; "self" or the path of a checkpoint; default `"self"`; the authors' `--teacher` */
  teacher: string;
  /** B = 2·(median(b) + A·median(a)) in place of the constant; true or false; default `true`; the authors' `--use_stB` */
  use_stB: boolean;
  /** level b_T − a_T at which the weight is 0 and below; a number from -2 to 2; default `-0.55`; the authors' `--threshold` */
  threshold: number;
  /** level at which the weight is 1 and above; a number from -2 to 2; default `0.1`; the authors' `--upper` */
  upper: number;
  /** margin of `tripletMargin_o`, `tripletTeacher`, and the hinges of HardNet, SOSNet and HyNet; a number of 0 or more; default `1`; the authors' `--marginpos` */
  marginpos: number;
  /** share of activations dropped before the last convolution; a number of 0 or more and below 1; default `0.3` */
  dropout: number;
  /** transpose and flip patch sets at random; true or false; default `true` */
  flip_rotate: boolean;
  /** add the histograms of levels and weights to each epoch's last line of `metrics.jsonl`; true or false; default `true`; the authors' `--all_info` */
  all_info: boolean;
  /** checkpoint to start from; "" = a fresh network; the path of a checkpoint, or ""; default `""`; the authors' `--resume` */
  resume: string;
  /** steps between two checkpoints; a whole number of 1 or more; default `500` */
  save_every_steps: number;
  /** steps between two lines of figures; a whole number of 1 or more; default `10` */
  log_every_steps: number;
};

/** `[stage2]`: annealing training, one cycle for each step of the batch ladder. */
export type Stage2Config = {
  /** off: stage 1's model is the result; true or false; default `true` */
  enabled: boolean;
  /** the annealing loss: hard weights and a constant B; "tripletMargin++"; default `"tripletMargin++"`; the authors' `--loss` */
  loss: "tripletMargin++";
  /** the update rule: fastai's Adam; "adam"; default `"adam"`; the authors' `--optimizer` */
  optimizer: "adam";
  /** rounds of `bsNum` steps in each cycle; a whole number from 1 to 1000000; default `1`; the authors' `--epochs` */
  epochs: number;
  /** learning rate of cycle 0; a number above 0; default `0.0000015`; the authors' `--lr` */
  lr: number;
  /** learning rate of cycle c = lr · lr_factor^c; a number above 0; default `0.75`; the authors' `--lr_factor` */
  lr_factor: number;
  /** steps in each cycle; a whole number from 1 to 2147483648; default `1400`; the authors' `--bsNum` */
  bsNum: number;
  /** the ladder's start: cycle c trains at batch_size − batch_step·(c+1); a whole number from 2 to 65536; default `2944`; the authors' `--batch_size` */
  batch_size: number;
  /** by how much each cycle's batch is smaller than the one before; a whole number of 1 or more; default `128` */
  batch_step: number;
  /** batch of the last cycle; a whole number from 2 to 65536; default `1024` */
  final_batch_size: number;
  /** weight decay: decoupled and sparing biases with `adam`, through the gradient of everything with the others; a number of 0 or more; default `0.1`; the authors' `--wd` */
  wd: number;
  /** factor of a² in the loss; a number of 0 or more; default `1`; the authors' `--R` */
  R: number;
  /** balance constant; a number above 0; default `4.25`; the authors' `--B` */
  B: number;
  /** b − a at or below which a pair is left out in cycle 0; a number from -2 to 2; default `-0.1`; the authors' `--threshold` */
  threshold: number;
  /** what each cycle adds to the threshold; a number; default `0.05` */
  threshold_step: number;
  /** patches of each label in a step; a whole number from 2 to 1000; default `2`; the authors' `--Npos` */
  Npos: number;
  /** share of activations dropped before the last convolution; a number of 0 or more and below 1; default `0.3` */
  dropout: number;
  /** leave out pairs by the threshold; off: every pair counts; true or false; default `true`; the authors' `--use_finetune` */
  use_finetune: boolean;
  /** no effect: the authors' annealing loss makes no use of it, and neither does this one; a number of 0 or more; default `1e-7`; the authors' `--range` */
  range: number;
  /** transpose and flip patch sets at random; true or false; default `true` */
  flip_rotate: boolean;
  /** steps between two checkpoints; a whole number of 1 or more; default `500` */
  save_every_steps: number;
  /** steps between two lines of figures; a whole number of 1 or more; default `10` */
  log_every_steps: number;
};

/** `[extract]`: descriptors of the test patches. */
export type ExtractConfig = {
  /** the trained network, and what to compare it with; a list, each entry once: one of "trained", "untrained", "meanstd", "pixels", "sift", "rootsift" (at least one entry); default `["trained","untrained","pixels","rootsift"]` */
  descriptors: DescriptorName[];
  /** patches that go through the network at once; no result depends on it; a whole number from 1 to 65536; default `512` */
  batch_size: number;
  /** strongest keypoints of each image of the image pairs that are described; a whole number from 1 to 100000; default `2000` */
  pair_keypoints: number;
  /** checkpoint to describe with; "" = stage 2's model, or stage 1's when stage 2 is off; the path of a checkpoint, or ""; default `""` */
  checkpoint: string;
};

/** `[evaluate]`: measures on the descriptors. */
export type EvaluateConfig = {
  /** FPR95 on pairs, the tasks of the HPatches benchmark, and matches of image pairs; a list, each entry once: one of "phototour", "verification", "matching", "retrieval", "image_pairs" (at least one entry); default `["phototour","verification","matching","retrieval","image_pairs"]` */
  tasks: TaskName[];
  /** splits of `tasks/splits/splits.json`; a list, each entry once: the name of a split (at least one entry); default `["full"]` */
  splits: string[];
  /** pool sizes of the retrieval task; a list, each entry once: a whole number of 1 or more (at least one entry); default `[100,500,1000,5000,10000,15000,20000]` */
  retrieval_k: number[];
  /** folder of HPatches-style image sequences, or list of pairs with poses; "" = those that the source makes, which photographs do; the path of image pairs; default `""` */
  image_pairs: string;
  /** image pairs that each descriptor's ratio of distances is chosen on; "" = those that the source makes, or none, and 0.9; the path of image pairs; default `""` */
  validation_pairs: string;
  /** draws of the sequences for 95 % intervals of the figures of HPatches and image pairs; 0 = no intervals; a whole number from 0 to 1000000; default `0` */
  bootstrap: number;
};

/** `[expect]`: published figures to compare with. */
export type ExpectConfig = {
  /** where the figures were published; where the figures were published; default `""` */
  source: string;
  /** measure, test set or split, figure and tolerance in percent; a list, each entry once: "fpr95 <test set> 0.37 ± 0.15", or verification, matching or retrieval of a split, or mma_1 … pose_maa_10 of a set of image pairs; in percent; default `[]` */
  figures: string[];
};

/** `[mirrors]`: where the published archives are fetched from; the program reaches no other host. */
export type MirrorsConfig = {
  /** URLs of liberty, tried in order; a list, each entry once: http://, https:// or file:///, at the end #md5=… or #sha256=… if the archive's hash is known; default `[]` */
  liberty: string[];
  /** URLs of notredame, tried in order; a list, each entry once: http://, https:// or file:///, at the end #md5=… or #sha256=… if the archive's hash is known; default `[]` */
  notredame: string[];
  /** URLs of yosemite, tried in order; a list, each entry once: http://, https:// or file:///, at the end #md5=… or #sha256=… if the archive's hash is known; default `[]` */
  yosemite: string[];
  /** URLs of liberty_harris, tried in order; a list, each entry once: http://, https:// or file:///, at the end #md5=… or #sha256=… if the archive's hash is known; default `[]` */
  liberty_harris: string[];
  /** URLs of notredame_harris, tried in order; a list, each entry once: http://, https:// or file:///, at the end #md5=… or #sha256=… if the archive's hash is known; default `[]` */
  notredame_harris: string[];
  /** URLs of yosemite_harris, tried in order; a list, each entry once: http://, https:// or file:///, at the end #md5=… or #sha256=… if the archive's hash is known; default `[]` */
  yosemite_harris: string[];
  /** URLs of hpatches, tried in order; a list, each entry once: http://, https:// or file:///, at the end #md5=… or #sha256=… if the archive's hash is known; default `[]` */
  hpatches: string[];
  /** URLs of tasks, tried in order; a list, each entry once: http://, https:// or file:///, at the end #md5=… or #sha256=… if the archive's hash is known; default `[]` */
  tasks: string[];
  /** other hosts that mirrors may redirect to; a list, each entry once: a host, cdn.example.org or *.example.org, with :port unless it is 443; default `[]` */
  redirects: string[];
};

/** `[contents]`: what the published archives have to hold; `manifest.json` tells the digests. */
export type ContentsConfig = {
  /** contents digest of liberty; "" = whatever is in it; "" or a contents digest, 64 hexadecimal digits in lower case; default `""` */
  liberty: string;
  /** contents digest of notredame; "" = whatever is in it; "" or a contents digest, 64 hexadecimal digits in lower case; default `""` */
  notredame: string;
  /** contents digest of yosemite; "" = whatever is in it; "" or a contents digest, 64 hexadecimal digits in lower case; default `""` */
  yosemite: string;
  /** contents digest of liberty_harris; "" = whatever is in it; "" or a contents digest, 64 hexadecimal digits in lower case; default `""` */
  liberty_harris: string;
  /** contents digest of notredame_harris; "" = whatever is in it; "" or a contents digest, 64 hexadecimal digits in lower case; default `""` */
  notredame_harris: string;
  /** contents digest of yosemite_harris; "" = whatever is in it; "" or a contents digest, 64 hexadecimal digits in lower case; default `""` */
  yosemite_harris: string;
  /** contents digest of hpatches; "" = whatever is in it; "" or a contents digest, 64 hexadecimal digits in lower case; default `""` */
  hpatches: string;
  /** contents digest of tasks; "" = whatever is in it; "" or a contents digest, 64 hexadecimal digits in lower case; default `""` */
  tasks: string;
};

/** `[gpu]`: how the device is used. */
export type GpuConfig = {
  /** budget in MiB; 0 = what the adapter allows; no result depends on it; a whole number from 0 to 16777216; default `0` */
  memory_mib: number;
  /** what training stores the network's activations in: 32 bits, or 16, which take half the memory and round them (docs/half_precision.md tells the effect); descriptors are always extracted with 32; one of "f32", "f16"; default `"f32"` */
  activations: "f32" | "f16";
};
