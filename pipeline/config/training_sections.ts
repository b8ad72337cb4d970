import { stage1LossNames } from "../../gpu/nn/losses.ts";
import { networkNames } from "../../gpu/nn/networks.ts";
import { optimizerNames } from "../../gpu/nn/optimizers.ts";
import { scheduleNames } from "./schedule_names.ts";
import { key, pathKey, section } from "./section.ts";
import {
  above,
  atLeast,
  level,
  number,
  oneOf,
  share,
  someText,
  text,
  toggle,
  whole,
} from "./values.ts";

/** What `extract.checkpoint` and `stage1.resume` may hold. */
export const checkpointPath = 'the path of a checkpoint, or ""';

// What both training stages say in the same words.
const weightDecay = key(
  atLeast(0, 0.1),
  "weight decay: decoupled and sparing biases with `adam`, through the gradient of everything with the others",
  "wd",
);
const factorOfPositives = key(atLeast(0, 1.0), "factor of a² in the loss", "R");
const dropout = key(
  share(0.3),
  "share of activations dropped before the last convolution",
);
const flipRotate = key(toggle(true), "transpose and flip patch sets at random");
const saveEverySteps = key(whole(1, 500), "steps between two checkpoints");
const logEverySteps = key(whole(1, 10), "steps between two lines of figures");

/** `[stage1]`. */
export const stage1Section = section(
  "preliminary training with example difficulty balancing",
  {
    arch: key(oneOf(networkNames, "SDGMNet128"), "the network", "arch"),
    loss: key(
      oneOf(stage1LossNames, "ExpTeacher"),
      "weighted balance loss, balance loss without weights, plain triplet margin, triplet margin with the weights; those of other methods (docs/rivals.md) take `Npos = 2`",
      "loss",
    ),
    optimizer: key(
      oneOf(optimizerNames, "adam"),
      "the update rule: fastai's Adam, PyTorch's, or gradient descent with momentum",
      "optimizer",
    ),
    schedule: key(
      oneOf(scheduleNames, "one_cycle"),
      "how the learning rate goes: one cycle of fastai's, which moves the momentum too, constant, linearly to 0, or halved after every tenth of the steps",
    ),
    momentum: key(
      share(0.9),
      "momentum, β₁ of an Adam, under every schedule but `one_cycle`",
    ),
    epochs: key(whole(1, 25, 1_000_000), "rounds of `tuples`", "epochs"),
    tuples: key(
      whole(2, 4050000, 2 ** 40),
      "tuples in one epoch; steps per epoch = floor(tuples / batch_size)",
      "tuples",
    ),
    batch_size: key(
      whole(2, 2560, 2 ** 16),
      "distinct labels in a step",
      "batch_size",
    ),
    test_batch_size: key(
      whole(1, 2048, 2 ** 16),
      "for the test at an epoch's end; no effect: a training batch's worth is described at once",
      "test_batch_size",
    ),
    lr: key(
      above(0, 0.0033),
      "learning rate; the largest of the one-cycle schedule",
      "lr",
    ),
    wd: weightDecay,
    R: factorOfPositives,
    B: key(
      above(0, 3.7),
      "balance constant, used when `use_stB` is off",
      "B",
    ),
    A: key(atLeast(0, 1.05), "factor of median(a) in the statistical B", "A"),
    Npos: key(whole(2, 3, 1000), "patches of each label in a step", "Npos"),
    neg_num: key(
      whole(1, 1),
      "how many times the hardest negatives are mined",
      "neg_num",
    ),
    teacher: pathKey(
      someText('"self" or the path of a checkpoint', "self"),
      "who judges how difficult an example is: the network itself in inference mode, or a checkpoint",
      { authorsFlag: "teacher", except: ["self"] },
    ),
    use_stB: key(
      toggle(true),
      "B = 2·(median(b) + A·median(a)) in place of the constant",
      "use_stB",
    ),
    threshold: key(
      level(-0.55),
      "level b_T − a_T at which the weight is 0 and below",
      "threshold",
    ),
    upper: key(
      level(0.10),
      "level at which the weight is 1 and above",
      "upper",
    ),
    marginpos: key(
      atLeast(0, 1.0),
      "margin of `tripletMargin_o`, `tripletTeacher`, and the hinges of HardNet, SOSNet and HyNet",
      "marginpos",
    ),
    dropout,
    flip_rotate: flipRotate,
    all_info: key(
      toggle(true),
      "add the histograms of levels and weights to each epoch's last line of `metrics.jsonl`",
      "all_info",
    ),
    resume: pathKey(
      text(checkpointPath, ""),
      'checkpoint to start from; "" = a fresh network',
      { authorsFlag: "resume" },
    ),
    save_every_steps: saveEverySteps,
    log_every_steps: logEverySteps,
  },
);

/** `[stage2]`. */
export const stage2Section = section(
  "annealing training, one cycle for each step of the batch ladder",
  {
    enabled: key(toggle(true), "off: stage 1's model is the result"),
    loss: key(
      oneOf(["tripletMargin++"], "tripletMargin++"),
      "the annealing loss: hard weights and a constant B",
      "loss",
    ),
    optimizer: key(
      oneOf(["adam"], "adam"),
      "the update rule: fastai's Adam",
      "optimizer",
    ),
    epochs: key(
      whole(1, 1, 1_000_000),
      "rounds of `bsNum` steps in each cycle",
      "epochs",
    ),
    lr: key(above(0, 1.5e-6), "learning rate of cycle 0", "lr"),
    lr_factor: key(
      above(0, 0.75),
      "learning rate of cycle c = lr · lr_factor^c",
      "lr_factor",
    ),
    bsNum: key(whole(1, 1400, 2 ** 31), "steps in each cycle", "bsNum"),
    batch_size: key(
      whole(2, 2944, 2 ** 16),
      "the ladder's start: cycle c trains at batch_size − batch_step·(c+1)",
      "batch_size",
    ),
    batch_step: key(
      whole(1, 128),
      "by how much each cycle's batch is smaller than the one before",
    ),
    final_batch_size: key(whole(2, 1024, 2 ** 16), "batch of the last cycle"),
    wd: weightDecay,
    R: factorOfPositives,
    B: key(above(0, 4.25), "balance constant", "B"),
    threshold: key(
      level(-0.10),
      "b − a at or below which a pair is left out in cycle 0",
      "threshold",
    ),
    threshold_step: key(
      number("a number", 0.05),
      "what each cycle adds to the threshold",
    ),
    Npos: key(whole(2, 2, 1000), "patches of each label in a step", "Npos"),
    dropout,
    use_finetune: key(
      toggle(true),
      "leave out pairs by the threshold; off: every pair counts",
      "use_finetune",
    ),
    range: key(
      atLeast(0, 1e-7),
      "no effect: the authors' annealing loss makes no use of it, and neither does this one",
      "range",
    ),
    flip_rotate: flipRotate,
    save_every_steps: saveEverySteps,
    log_every_steps: logEverySteps,
  },
);
