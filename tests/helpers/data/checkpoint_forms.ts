import { unzipSync, zipSync } from "fflate";
import {
  parseCheckpoint,
  parseSafetensors,
  serializeSafetensors,
  type TensorData,
} from "../../../data/mod.ts";
import {
  parseTrainingCheckpoint,
  writeTrainingCheckpoint,
} from "../../../pipeline/training/checkpoint.ts";
import { mutateCheckpoint } from "./checkpoint_mutations.ts";

/** A form of checkpoint: a sound file, and what reads it. */
export interface CheckpointForm {
  original: Uint8Array<ArrayBuffer>;
  /** A damaged file. */
  mutate(number: number): Uint8Array<ArrayBuffer>;
  /** The sizes of all tensors read, each a pair of product(shape) and elements; undefined where damage was told. */
  read(bytes: Uint8Array):
    | Iterable<[wanted: number, tensor: ArrayBufferView]>
    | undefined;
}

/** Names of the forms. */
export const formNames = [
  "safetensors",
  "plain zip",
  "plain zip with mended checksums",
  "plain legacy stream",
  "teacher zip",
  "teacher legacy stream",
  "views legacy stream",
  "training checkpoint",
] as const;

/** The form of that name. */
export async function checkpointForm(
  name: (typeof formNames)[number],
): Promise<CheckpointForm> {
  switch (name) {
    case "safetensors":
      return formOf(
        serializeSafetensors(tensors(), { a: "1" }),
        (bytes) => parseSafetensors(bytes, "x.safetensors").tensors,
      );
    case "training checkpoint":
      return trainingCheckpoint();
    case "plain zip with mended checksums": {
      const form = formOf(await golden("plain_zip.pt"));
      return {
        ...form,
        mutate: (number) => mutateZipped(form.original, number),
      };
    }
    case "views legacy stream":
      return formOf(await golden("views_legacy.pth"));
    default: {
      const [layout, kind] = name.split(" ");
      return formOf(await golden(`${layout}_${kind}.pt`));
    }
  }
}

function golden(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(
    new URL(`../../golden/checkpoints/${name}`, import.meta.url),
  );
}

function formOf(
  original: Uint8Array<ArrayBuffer>,
  parse: (bytes: Uint8Array) => ReadonlyMap<string, TensorData> = (bytes) =>
    parseCheckpoint(bytes, "x.pt").tensors,
): CheckpointForm {
  return {
    original,
    mutate: (number) => mutateCheckpoint(original, number),
    read: (bytes) =>
      [...parse(bytes).values()].map(({ shape, data }) => [
        shape.reduce((product, extent) => product * extent, 1),
        data,
      ]),
  };
}

function tensors(): Map<string, TensorData> {
  return new Map<string, TensorData>([
    ["flags", { dtype: "BOOL", shape: [3], data: Uint8Array.of(1, 0, 1) }],
    ["weight", {
      dtype: "F32",
      shape: [2, 3],
      data: Float32Array.of(1, -2, 0.5, NaN, Infinity, -0),
    }],
    ["tracked", { dtype: "I64", shape: [], data: BigInt64Array.of(-5n) }],
    ["nothing", { dtype: "F32", shape: [0, 4], data: new Float32Array(0) }],
  ]);
}

async function trainingCheckpoint(): Promise<CheckpointForm> {
  const vector = Float32Array.from({ length: 32 }, (_, at) => at - 9.5);
  const folder = await Deno.makeTempDir();
  await writeTrainingCheckpoint(folder, {
    key: "3f".repeat(32),
    position: { cycle: 1, step: 7, total: 1407 },
    state: {
      values: vector,
      firstMoments: vector,
      secondMoments: vector,
      running: vector,
      lossRunning: vector,
      batchesTracked: 1407,
      optimizerSteps: 7,
    },
    files: { "metrics.jsonl": "0f" },
  });
  const original = await Deno.readFile(`${folder}/checkpoint.safetensors`);
  await Deno.remove(folder, { recursive: true });
  const form = formOf(original);
  return {
    ...form,
    read(bytes) {
      const checkpoint = parseTrainingCheckpoint(bytes);
      if (checkpoint === "damaged") return undefined;
      const { state, position } = checkpoint;
      const vectors = [
        state.values,
        state.firstMoments,
        state.secondMoments,
        state.running,
      ];
      const isTrue = position.total === 1407 && position.step === 7 &&
        state.batchesTracked === 1407 &&
        vectors.every((data) => data.join() === vector.join());
      if (!isTrue) throw new Error("a damaged checkpoint was trusted");
      return vectors.map((data) => [vector.length, data]);
    },
  };
}

/** Damages an entry and zips it anew, so that the damage gets past the checksums. */
function mutateZipped(
  archive: Uint8Array,
  number: number,
): Uint8Array<ArrayBuffer> {
  const entries = unzipSync(archive);
  const names = Object.keys(entries);
  const name = number % 4 > 0
    ? names.find((name) => name.endsWith("data.pkl"))!
    : names[(number >> 2) % names.length];
  entries[name] = mutateCheckpoint(new Uint8Array(entries[name]), number);
  return zipSync(entries, { level: 0 });
}
