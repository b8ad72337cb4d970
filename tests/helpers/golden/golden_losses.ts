import assert from "node:assert/strict";
import type { Gpu } from "../../../gpu/device.ts";
import type { DescriptorLoss } from "../../../gpu/nn/training/descriptor_loss.ts";
import { losses, type LossName } from "../../../gpu/nn/losses.ts";
import type { LossOptions } from "../../../gpu/ops/losses/loss_terms.ts";
import { Recorder } from "../../../gpu/recorder.ts";
import { Arena } from "../../../gpu/tensor.ts";
import { lowerMedian } from "../../reference/median.ts";
import {
  type DescriptorBatch,
  fromBlocks,
  toBlocks,
  upload,
} from "../gpu/descriptor_batch.ts";
import { type GoldenFigures, unordered } from "./network_golden.ts";

/** The class under test, or a mutated copy of it. */
export type LossClass = typeof DescriptorLoss;

/** Single precision on exact inputs. */
const tolerance = { entry: 1e-6 };

const kinds: Record<string, LossName> = {
  expTeacher: "ExpTeacher",
  balance: "balance",
  annealing: "tripletMargin++",
  triplet: "tripletMargin_o",
  tripletTeacher: "tripletTeacher",
};

interface GoldenOptions {
  /** the case's name where absent */
  kind?: string;
  R?: number;
  B?: number;
  A?: number;
  use_stB?: boolean;
  neg_num?: number;
  threshold?: number;
  upper?: number;
  marginpos?: number;
}

/** The names of all (batch, case) that a losses file holds. */
export function lossCaseNames(golden: GoldenFigures): [string, string][] {
  return ["generic", "tied", "near"].flatMap((batch) =>
    Object.keys(golden.options)
      .filter((name) => golden.has(`${batch}.${name}.loss`))
      .map((name): [string, string] => [batch, name])
  );
}

/** Options of a golden case as the program names them. */
export function lossOptionsOf(
  golden: GoldenFigures,
  name: string,
): LossOptions {
  const { kind, neg_num, use_stB, ...options } = golden.optionsOf<
    GoldenOptions
  >(name);
  const unused = { R: 0, B: 0, A: 0, threshold: 0, upper: 0, marginpos: 0 };
  return {
    ...unused,
    ...options,
    kind: kinds[kind ?? name],
    useStB: use_stB ?? false,
    negNum: neg_num ?? 1,
  };
}

/** A golden batch with its labels as class slots in order of appearance, and each slot's place in ascending labels. */
export function goldenBatch(
  golden: GoldenFigures,
  rows: string,
  labels = golden.exact("labels").data,
): { batch: DescriptorBatch; places: number[] } {
  const slots = [...new Set(labels)];
  const ascending = [...slots].sort((a, b) => a - b);
  const classOfRow = Uint32Array.from(labels, (label) => slots.indexOf(label));
  const starts = slots.map((_, slot) => classOfRow.indexOf(slot));
  return {
    batch: {
      rows: Float32Array.from(golden.exact(rows).data),
      labels: classOfRow,
      firstRowOfClass: Uint32Array.from([...starts, labels.length]),
    },
    places: ascending.map((label) => slots.indexOf(label)),
  };
}

/**
 * Fails unless the loss of a golden case is PyTorch's: every mining round's pairs (unordered), a, b, W and B, the
 * medians, the loss and its gradient with respect to the embeddings.
 */
export async function compareLoss(
  golden: GoldenFigures,
  LossUnderTest: LossClass,
  gpu: Gpu,
  batchName: string,
  name: string,
): Promise<void> {
  using arena = new Arena(gpu);
  using recorder = new Recorder(gpu);
  const { batch, places } = goldenBatch(golden, batchName);
  const teacherRows = Float32Array.from(golden.exact("teacher").data);
  const inputs = upload(arena, batch);
  const { shape } = inputs.descriptors;
  const teacher = arena.tensorOf("teacher", shape, toBlocks(teacherRows));
  const gradient = arena.tensor("gradient", shape);
  const options = lossOptionsOf(golden, name);
  const [samples, classes] = [batch.labels.length, places.length];
  using loss = new LossUnderTest(gpu, { samples, classes });
  const medians = { positive: 0, negative: 0 };
  const at = `${batchName}.${name}`;
  for (let turn = 0; turn < options.negNum; turn++) {
    // As many rounds as it takes to end with this one, whose pairs can be read.
    const rounds = { ...options, negNum: turn + 1 };
    loss.record(recorder, { ...inputs, teacher }, rounds, gradient);
    recorder.submit();
    const round = `${at}.round${turn}`;
    const pairs = await loss.readPairs();
    const figures = await loss.readPairFigures();
    for (const [first, kind] of [[0, "positives"], [2, "negatives"]] as const) {
      const found = places.map((slot): [number, number] => [
        pairs[4 * slot + first],
        pairs[4 * slot + first + 1],
      ]);
      const wanted = golden.unorderedPairs(`${round}.${kind}`);
      assert.deepEqual(unordered(found), wanted, `${round}.${kind}`);
    }
    const column = (key: keyof typeof figures[0]) =>
      places.map((slot) => figures[slot][key]);
    golden.compare(`${round}.a`, column("positiveDistance"), tolerance);
    golden.compare(`${round}.b`, column("negativeDistance"), tolerance);
    golden.compare(`${round}.W`, column("weight"), tolerance);
    if (losses[options.kind].hasZeroPosition) {
      const bound = 2 * figures[0].zeroPosition;
      golden.compare(`${round}.B`, [bound], tolerance);
    }
    medians.positive += lowerMedian([...golden.exact(`${round}.a`).data]);
    medians.negative += lowerMedian([...golden.exact(`${round}.b`).data]);
  }
  const statistics = await loss.readStatistics();
  golden.compare(`${at}.loss`, [statistics.loss], tolerance);
  const rows = fromBlocks(await gradient.readFloats(), samples);
  golden.compare(`${at}.gradient`, rows, tolerance);
  for (
    const [found, sum] of [
      [statistics.medianPositive, medians.positive],
      [statistics.medianNegative, medians.negative],
    ]
  ) {
    const wanted = sum / options.negNum;
    assert.ok(
      Math.abs(found - wanted) <= 1e-6 * wanted,
      `${at}: median ${found}, PyTorch has ${wanted}`,
    );
  }
}
