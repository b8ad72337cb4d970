import type { ArchiveName } from "./archives.ts";

export type { ArchiveName };

/** Everything that steers a run. Property names are the TOML keys. */
export interface Config {
  /** name of the folder under `runs/`; default: the config file's stem */
  name: string;
  /** path of the file it was read from; has no effect on any result */
  file: string;
  /** every random choice is a function of it */
  seed: number;
  /** where the patches come from */
  download: DownloadConfig;
  /** preliminary training */
  stage1: Stage1Config;
  /** annealing training */
  stage2: Stage2Config;
  /** which descriptors to compute */
  extract: ExtractConfig;
  /** which measures to take */
  evaluate: EvaluateConfig;
  /** published figures to compare with */
  expect: ExpectConfig;
  /** where the published archives are fetched from */
  mirrors: MirrorsConfig;
  /** what the published archives have to hold */
  contents: ContentsConfig;
  /** how the device is used */
  gpu: GpuConfig;
}

/** `[download]`: where the patches come from. */
export interface DownloadConfig {
  /** `photos` cuts patch sets out of photographs, `phototour` reads the UBC/Brown sets and HPatches */
  source: "photos" | "phototour";
  /**
   * folder of the user's own images, "" = the bundled photographs; or of published sets, unpacked or as archives, where what is
   * not there is fetched
   */
  source_dir: string;
  /** fetch nothing: what is neither in `source_dir` nor fetched already is an error; `--offline` sets it */
  offline: boolean;
  /** how patches are cut (the authors' flag; only `new` exists) */
  patch_gen: "new";
  /** weight map that keypoints are drawn by */
  weight_function: "Hessian" | "HessianSqrt" | "HessianSqrt4" | "uniform";
  /** scales in pixels that keypoints are looked for at: `e011` (eleven, 2 to 11.3) or numbers separated by commas */
  sigmas_v: string;
  /** keypoints (= labels) over all training images */
  patch_sets: number;
  /** an image that gives fewer keypoints is an error that names the image; -1 = no minimum */
  min_sets_per_img: number;
  /** no image gives more keypoints */
  max_sets_per_img: number;
  /** patches for each label */
  views: number;
  /** images kept for testing */
  held_out: number;
  /** PhotoTour-style test pairs in all, half of them matching */
  test_pairs: number;
  /** patches in each held-out HPatches-style sequence */
  patches_per_sequence: number;
  /** set that training uses when `source = "phototour"` */
  training_set: string;
  /** sets whose pairs FPR95 is measured on when `source = "phototour"` */
  test_sets: string[];
  /** accept sets with another number of patches than was published: cut-down copies for trying things out */
  partial_sets: boolean;
}

/** `[stage1]`: preliminary training with example difficulty balancing. */
export interface Stage1Config {
  /** the network; there is one */
  arch: "SDGMNet128";
  /** weighted balance loss, balance loss without weights, plain triplet margin, triplet margin with the weights */
  loss: "ExpTeacher" | "balance" | "tripletMargin_o" | "tripletTeacher";
  /** the update rule: fastai's Adam */
  optimizer: "adam";
  /** rounds of `tuples` */
  epochs: number;
  /** tuples in one epoch; steps per epoch = floor(tuples / batch_size) */
  tuples: number;
  /** distinct labels in a step */
  batch_size: number;
  /** the authors' flag for the test at an epoch's end; no effect: a training batch's worth is described at once */
  test_batch_size: number;
  /** largest learning rate of the one-cycle schedule */
  lr: number;
  /** decoupled weight decay */
  wd: number;
  /** factor of a² in the loss */
  R: number;
  /** balance constant, used when `use_stB` is off */
  B: number;
  /** factor of median(a) in the statistical B */
  A: number;
  /** patches of each label in a step */
  Npos: number;
  /** how many times the hardest negatives are mined */
  neg_num: number;
  /** `self`, or path of a checkpoint */
  teacher: string;
  /** B = 2·(median(b) + A·median(a)) in place of the constant */
  use_stB: boolean;
  /** level b_T - a_T at which the weight is 0 and below */
  threshold: number;
  /** level at which the weight is 1 and above */
  upper: number;
  /** margin of `tripletMargin_o` and `tripletTeacher` */
  marginpos: number;
  /** share of activations dropped before the last convolution, in [0, 1) */
  dropout: number;
  /** transpose and flip patch sets at random */
  flip_rotate: boolean;
  /** add the histograms of levels and weights to each epoch's last line of `metrics.jsonl` */
  all_info: boolean;
  /** checkpoint to start from; "" = a fresh network */
  resume: string;
  /** steps between two checkpoints */
  save_every_steps: number;
  /** steps between two lines of figures */
  log_every_steps: number;
}

/** `[stage2]`: annealing training, one cycle for each step of the batch ladder. */
export interface Stage2Config {
  /** off: stage 1's model is the result */
  enabled: boolean;
  /** the annealing loss: hard weights and a constant B */
  loss: "tripletMargin++";
  /** the update rule: fastai's Adam */
  optimizer: "adam";
  /** rounds of `bsNum` steps in each cycle */
  epochs: number;
  /** learning rate of cycle 0 */
  lr: number;
  /** learning rate of cycle c = lr · lr_factor^c */
  lr_factor: number;
  /** steps in each cycle */
  bsNum: number;
  /** the ladder's start: cycle c trains at batch_size - batch_step·(c+1) */
  batch_size: number;
  /** by how much each cycle's batch is smaller than the one before */
  batch_step: number;
  /** batch of the last cycle */
  final_batch_size: number;
  /** decoupled weight decay */
  wd: number;
  /** factor of a² in the loss */
  R: number;
  /** balance constant */
  B: number;
  /** b - a at or below which a pair is left out in cycle 0 */
  threshold: number;
  /** what each cycle adds to the threshold */
  threshold_step: number;
  /** patches of each label in a step */
  Npos: number;
  /** share of activations dropped before the last convolution, in [0, 1) */
  dropout: number;
  /** leave out pairs by the threshold; off: every pair counts */
  use_finetune: boolean;
  /** the authors' flag; their annealing loss makes no use of it, and neither does this one */
  range: number;
  /** transpose and flip patch sets at random */
  flip_rotate: boolean;
  /** steps between two checkpoints */
  save_every_steps: number;
  /** steps between two lines of figures */
  log_every_steps: number;
}

/** `[extract]`: descriptors of the test patches. */
export interface ExtractConfig {
  /** the trained network, and what to compare it with */
  descriptors: (
    "trained" | "untrained" | "meanstd" | "pixels" | "sift" | "rootsift"
  )[];
  /** patches that go through the network at once */
  batch_size: number;
  /** checkpoint to describe with; "" = stage 2's model, or stage 1's when stage 2 is off */
  checkpoint: string;
}

/** `[evaluate]`: measures on the descriptors. */
export interface EvaluateConfig {
  /** FPR95 on pairs, and the tasks of the HPatches benchmark */
  tasks: ("phototour" | "verification" | "matching" | "retrieval")[];
  /** splits of `tasks/splits/splits.json` */
  splits: string[];
  /** pool sizes of the retrieval task */
  retrieval_k: number[];
  /** draws of the sequences for 95 % intervals of the HPatches figures; 0 = no intervals */
  bootstrap: number;
}

/** `[expect]`: what was published for such a run; compared with its results, and no stage depends on it. */
export interface ExpectConfig {
  /** where the figures were published */
  source: string;
  /** `fpr95 notredame 0.37 ± 0.15`: measure, test set or split, figure and tolerance in percent */
  figures: string[];
}

/**
 * `[mirrors]`: URLs of each published archive, tried in order (`http`, `https` or `file`; `#md5=…` or `#sha256=…` at the end names the
 * hash of that mirror's file), and the other hosts that they may redirect to. The program reaches no other host.
 */
export type MirrorsConfig =
  & Record<ArchiveName, string[]>
  & { redirects: string[] };

/** `[contents]`: contents digest of each published archive, told in `manifest.json`; "" = whatever is in it. */
export type ContentsConfig = Record<ArchiveName, string>;

/** `[gpu]`: how the device is used. */
export interface GpuConfig {
  /** budget in MiB; 0 = what the adapter allows; no result depends on it */
  memory_mib: number;
  /**
   * what training stores the network's activations in: 32 bits, or 16, which take half the memory and round them (the effect is
   * measured in docs/half_precision.md); descriptors are always extracted with 32
   */
  activations: "f32" | "f16";
}
