import { join } from "@std/path";
import type { WrittenSequence } from "./photo_sequences.ts";
import { chooseDistinct, RandomStream, shuffle } from "../random.ts";

/** The splits of the photographs' sequences: all of them (under our name and the official one), and one kind each. */
const splitKinds: readonly { name: string; prefix: RegExp }[] = [
  { name: "photos", prefix: /^[iv]_/ },
  { name: "full", prefix: /^[iv]_/ },
  { name: "illum", prefix: /^i_/ },
  { name: "view", prefix: /^v_/ },
];

/** Fewer make no split: a negative needs another sequence. */
const fewestSequences = 2;

/** Pairs of each kind (positive, negative within and between sequences) for every patch of a sequence. */
const pairsPerPatch = 4;
/** One patch in so many is a retrieval query, the others are distractors. */
const patchesPerQuery = 4;
/** Least standard deviation of a patch that retrieval asks for or hides among, in grey values. Source: the official task generator. */
const retrievalContrast = 10;
/** Images of a sequence, the reference being number 0. */
const imagesOfSequence = 6;

/**
 * Writes task files of the official HPatches form. For each split `s`: `verif_pos_split-s.csv`, `verif_neg_intra_split-s.csv`,
 * `verif_neg_inter_split-s.csv` (header `s1,t1,idx1,s2,t2,idx2`, as many rows each), `retr_queries_split-s.csv`,
 * `retr_distractors_split-s.csv` (header `s,idx`); and `splits/splits.json`. A kind of fewer than two sequences makes no split.
 * As in the official generator, the three verification files share their first patches and images, and no query is a distractor.
 * Two differences: images 0 … 5 are drawn (the official draw leaves out the fifth target), and negatives between sequences come from
 * another photograph, because the two sequences of one show the same picture.
 * Source: hpatches-benchmark, docs/tasks.md.
 * @returns the names of the splits
 */
export async function writeTasks(
  directory: string,
  sequences: readonly WrittenSequence[],
  seed: number,
): Promise<string[]> {
  const splits: Record<
    string,
    { name: string; test: string[]; train: string[] }
  > = {};
  await Deno.mkdir(join(directory, "splits"), { recursive: true });
  for (const { name, prefix } of splitKinds) {
    const members = sequences.filter((sequence) => prefix.test(sequence.name));
    if (members.length < fewestSequences) continue;
    await writeSplit(directory, name, members, seed);
    splits[name] = {
      name,
      test: members.map((member) => member.name).sort(),
      train: [],
    };
  }
  await Deno.writeTextFile(
    join(directory, "splits", "splits.json"),
    JSON.stringify(splits, null, 2) + "\n",
  );
  return Object.keys(splits);
}

/**
 * The names of the splits that so many photographs give, each of which makes one sequence of either kind.
 *
 * @param photographs those held out
 */
export function photoSplits(photographs: number): string[] {
  const sequences = ["i_", "v_"].flatMap((kind) =>
    Array.from({ length: photographs }, () => kind)
  );
  return splitKinds.filter(({ prefix }) =>
    sequences.filter((name) => prefix.test(name)).length >= fewestSequences
  ).map(({ name }) => name);
}

async function writeSplit(
  directory: string,
  split: string,
  sequences: readonly WrittenSequence[],
  seed: number,
) {
  const { positives, withinSequence, betweenSequences } = drawPairs(
    sequences,
    seed,
  );
  const { queries, distractors } = drawRetrieval(sequences, seed);
  const files = {
    verif_pos: positives,
    verif_neg_intra: withinSequence,
    verif_neg_inter: betweenSequences,
    retr_queries: queries,
    retr_distractors: distractors,
  };
  for (const [kind, lines] of Object.entries(files)) {
    const path = join(directory, `${kind}_split-${split}.csv`);
    await Deno.writeTextFile(path, lines.join("\n") + "\n");
  }
}

function drawPairs(sequences: readonly WrittenSequence[], seed: number) {
  const header = "s1,t1,idx1,s2,t2,idx2";
  const positives = [header];
  const withinSequence = [header];
  const betweenSequences = [header];
  const images = Uint32Array.from({ length: imagesOfSequence }, (_, i) => i);
  const count = pairsPerPatch *
    sequences.reduce((total, sequence) => total + sequence.contrasts.length, 0);
  for (let row = 0; row < count; row++) {
    const stream = new RandomStream(seed, "verification pair", row);
    const sequence = sequences[stream.integer(sequences.length)];
    const patches = sequence.contrasts.length;
    const patch = stream.integer(patches);
    const other = (patch + 1 + stream.integer(patches - 1)) % patches;
    const [firstImage, secondImage] = chooseDistinct(2, images, stream);
    const first = `${sequence.name},${firstImage},${patch}`;
    positives.push(`${first},${sequence.name},${secondImage},${patch}`);
    withinSequence.push(`${first},${sequence.name},${secondImage},${other}`);
    const elsewhere = drawElsewhere(sequences, sequence, stream);
    const stranger = stream.integer(elsewhere.contrasts.length);
    betweenSequences.push(
      `${first},${elsewhere.name},${secondImage},${stranger}`,
    );
  }
  return { positives, withinSequence, betweenSequences };
}

/** A sequence of another photograph; of the same one, but another sequence, when there is only one photograph. */
function drawElsewhere(
  sequences: readonly WrittenSequence[],
  sequence: WrittenSequence,
  stream: RandomStream,
): WrittenSequence {
  const strangers = sequences.filter((other) =>
    other.photograph !== sequence.photograph
  );
  const others = strangers.length > 0
    ? strangers
    : sequences.filter((other) => other !== sequence);
  return others[stream.integer(others.length)];
}

function drawRetrieval(sequences: readonly WrittenSequence[], seed: number) {
  const eligible: string[] = [];
  const pale: string[] = [];
  for (const { name, contrasts } of sequences) {
    contrasts.forEach((contrast, patch) =>
      (contrast > retrievalContrast ? eligible : pale).push(`${name},${patch}`)
    );
  }
  // Photographs as pale as that still need a task; theirs is then drawn from what there is.
  const pool = eligible.length >= patchesPerQuery * sequences.length
    ? eligible
    : [...eligible, ...pale];
  shuffle(pool, new RandomStream(seed, "retrieval"));
  const queries = Math.ceil(pool.length / patchesPerQuery);
  const header = "s,idx";
  return {
    queries: [header, ...pool.slice(0, queries)],
    distractors: [header, ...pool.slice(queries)],
  };
}
