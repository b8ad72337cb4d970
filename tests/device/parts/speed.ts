/**
 * Passes and training steps at several batches, the host's time apart from the device's.
 *
 * `hostMs`: recording and submitting, without waiting. `doneMs`: from the start of that until the device is done and a read-back
 * says so. `repeatedMs`: each of several in a row with one wait at the end, as training runs them.
 */
import type { ActivationType } from "../../../gpu/activation.ts";
import type { Gpu } from "../../../gpu/device.ts";
import { GpuError } from "../../../gpu/errors.ts";
import { BackwardPass } from "../../../gpu/nn/training/backward_pass.ts";
import { DescriptorNetwork } from "../../../gpu/nn/descriptor_network.ts";
import { initialWeights } from "../../../gpu/nn/initial_weights.ts";
import { NetworkParameters } from "../../../gpu/nn/parameters.ts";
import { Network } from "../../../gpu/nn/network.ts";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import { randomStream } from "../../../gpu/random_bits.ts";
import { Recorder } from "../../../gpu/recorder.ts";
import { tilesOfClass } from "../../../gpu/tiles.ts";
import { stage1Step, stage1Trainer } from "../../bench/stage1_step.ts";
import { stripedBatch } from "../../helpers/gpu/training_batch.ts";
import { partOptions, report, spread } from "../report.ts";
import { openTuned } from "../tuned_gpu.ts";

const { tiny } = partOptions();
const runs = tiny ? 1 : 7;
/** Longest that a row of repetitions may take, about. */
const rowMs = tiny ? 1 : 1500;
const initial = initialWeights(sdgmnet128, 211);
const mode = {
  training: true as const,
  dropoutRate: 0.3,
  stream: randomStream(211, 1),
};

for (const classes of tiny ? [8] : [1024, 2560, 256]) {
  await measureStep(`step${classes}x3`, classes);
}
if (!tiny) {
  await measureStep("step2560x3WithStandardTiles", 2560, (gpu) => {
    gpu.tiles = tilesOfClass[gpu.adapter.deviceClass];
  });
}
await measureStep("step1024x3WithHalves", tiny ? 8 : 1024, undefined, "f16");
for (const samples of tiny ? [8] : [1024, 7680, 256, 64]) {
  await measurePasses(samples);
}
await measureDescribing(tiny ? 24 : 16384, tiny ? 8 : 1024);

/** Times of `record`, after one that compiles. */
async function times(
  patches: number,
  record: () => void,
  wait: () => Promise<unknown>,
) {
  record();
  await wait();
  const host: number[] = [];
  const done: number[] = [];
  for (let run = 0; run < runs; run++) {
    const startMs = performance.now();
    record();
    host.push(performance.now() - startMs);
    await wait();
    done.push(performance.now() - startMs);
  }
  const many = Math.max(
    1,
    Math.min(50, Math.round(rowMs / spread(done).medianMs)),
  );
  const startMs = performance.now();
  for (let i = 0; i < many; i++) record();
  const hostOfAll = performance.now() - startMs;
  await wait();
  const repeatedMs = (performance.now() - startMs) / many;
  return {
    host: spread(host),
    done: spread(done),
    repeated: many,
    repeatedMs,
    repeatedHostMs: hostOfAll / many,
    patchesPerSecond: patches / repeatedMs * 1000,
  };
}

async function measureStep(
  name: string,
  classes: number,
  prepare: (gpu: Gpu) => void = () => {},
  activations: ActivationType = "f32",
): Promise<void> {
  await reportOrRefusal(name, async (gpu) => {
    prepare(gpu);
    const samples = classes * 3;
    using trainer = stage1Trainer(gpu, initial, classes, activations);
    const batch = stripedBatch(classes, 3, 211);
    let step = 0;
    return {
      ...await times(
        samples,
        () => trainer.step(batch, stage1Step(step++)),
        () => trainer.readStatistics(),
      ),
      peakMib: gpu.peakBytes / 2 ** 20,
    };
  });
}

async function measurePasses(samples: number): Promise<void> {
  await reportOrRefusal(`passes${samples}`, async (gpu) => {
    using parameters = new NetworkParameters(gpu, sdgmnet128);
    parameters.load(initial);
    using recorder = new Recorder(gpu);
    using network = new Network(gpu, parameters, {
      samples,
      backward: BackwardPass,
    });
    network.patches.write(
      new Float32Array(network.patches.size).map((_, i) =>
        (i * 37 % 256) / 255
      ),
    );
    return {
      forward: await times(samples, () => {
        network.forward(recorder, samples, { training: false });
        recorder.submit();
      }, () => network.descriptors.read(0, 4)),
      forwardBackward: await times(samples, () => {
        network.forward(recorder, samples, mode);
        network.backward(recorder, samples, mode);
        recorder.submit();
      }, () => network.gradients.read(0, 4)),
    };
  });
}

/** 8-bit patches in, descriptors out, uploads and read-backs included. */
async function measureDescribing(
  count: number,
  batchSize: number,
): Promise<void> {
  await reportOrRefusal("describing", async (gpu) => {
    using network = DescriptorNetwork.create(gpu, sdgmnet128, initial, {
      batchSize,
    });
    const patches = new Uint8Array(count * 64 * 64).map((_, i) => i * 37);
    await network.describe(
      patches.subarray(0, batchSize * 4096),
      "phototour64",
    );
    const startMs = performance.now();
    await network.describe(patches, "phototour64");
    const ms = performance.now() - startMs;
    return { count, batchSize, patchesPerSecond: count / ms * 1000 };
  });
}

/** Reports what `measure` finds; where the device refuses the size, what it said. */
async function reportOrRefusal(
  name: string,
  measure: (gpu: Gpu) => Promise<unknown>,
): Promise<void> {
  try {
    using gpu = await openTuned();
    report({ [name]: await measure(gpu) });
  } catch (error) {
    if (!(error instanceof GpuError)) throw error;
    report({ [name]: { refused: error.message } });
  }
}
