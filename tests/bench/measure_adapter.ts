import { BackwardPass } from "../../gpu/nn/training/backward_pass.ts";
import { dirname } from "@std/path";
import { fileURLToPath } from "node:url";
import { sdgmnet128 } from "../../gpu/nn/sdgmnet128.ts";
import { openGpu } from "../../gpu/device.ts";
import { KernelTexts } from "../../gpu/costs/kernel_texts.ts";
import { initialWeights } from "../../gpu/nn/initial_weights.ts";
import { NetworkParameters } from "../../gpu/nn/parameters.ts";
import { Network } from "../../gpu/nn/network.ts";
import { randomStream } from "../../gpu/random_bits.ts";
import { Recorder } from "../../gpu/recorder.ts";
import { print } from "../../pipeline/log.ts";
import { readSourceCommit } from "../../pipeline/code/source_commit.ts";
import { measureCeilings, shortestMs } from "./ceilings.ts";
import { profileStep, profileTable } from "./kernel_table.ts";
import { forwardMultiplyAdds } from "./network_flops.ts";
import { measurePeers } from "./peers/peers.ts";
import { stage1Step, stage1Trainer, views } from "./stage1_step.ts";
import { stripedBatch } from "../helpers/gpu/training_batch.ts";
import { measureStartUp, startUpText } from "./start_up.ts";

/** Cost of one forward pass per patch: two operations a multiply-add. */
const forwardMflop = 2 * forwardMultiplyAdds(sdgmnet128) / 1e6;
const runs = 5;

/** What {@linkcode measureAdapter} measures. */
export interface BenchOptions {
  patches: number;
  /** whether to print JSON */
  json: boolean;
  /** whether to time every kernel of a step, and other programs */
  kernels: boolean;
  peers: boolean;
}

/**
 * Measures the network and the whole training step on this machine's adapter, prints the figures and appends them to
 * .cache/bench/history.jsonl.
 */
export async function measureAdapter(
  { patches, json, kernels, peers: withPeers }: BenchOptions,
): Promise<void> {
  const classes = Math.floor(patches / views);

  const startUp = await measureStartUp(classes);
  const gpu = await openGpu({ timestamps: kernels });
  const texts = new KernelTexts(gpu);
  const ceilings = await measureCeilings(gpu);
  const initial = initialWeights(sdgmnet128, 211);

  async function networkFigures() {
    using parameters = new NetworkParameters(gpu, sdgmnet128);
    parameters.load(initial);
    using recorder = new Recorder(gpu);
    using network = new Network(gpu, parameters, {
      samples: patches,
      backward: BackwardPass,
    });
    network.patches.write(
      new Float32Array(patches * 1024).map((_, i) => (i * 37 % 256) / 255),
    );
    const mode = {
      training: true as const,
      dropoutRate: 0.3,
      stream: randomStream(211, 1),
    };
    network.forward(recorder, patches, mode);
    network.backward(recorder, patches, mode);
    recorder.submit();
    await network.gradients.read(0, 4);
    const forwardMs = await shortestMs(runs, () => {
      network.forward(recorder, patches, { training: false });
      recorder.submit();
    }, () => network.descriptors.read(0, 4));
    const bothMs = await shortestMs(runs, () => {
      network.forward(recorder, patches, mode);
      network.backward(recorder, patches, mode);
      recorder.submit();
    }, () => network.gradients.read(0, 4));
    return { forwardMs, bothMs };
  }

  async function stepMs(): Promise<number> {
    using trainer = stage1Trainer(gpu, initial, classes);
    const batch = stripedBatch(classes, views, 211);
    let step = 0;
    return await shortestMs(runs, () => {
      trainer.step(batch, stage1Step(step++));
    }, () => trainer.readStatistics());
  }

  const { forwardMs, bothMs } = await networkFigures();
  const wholeStepMs = await stepMs();
  const rate = (ms: number) => patches / ms * 1000;
  const { vendor, architecture, device, description } = gpu.adapter;
  const figures = {
    date: new Date().toISOString(),
    source: readSourceCommit(dirname(fileURLToPath(import.meta.url))) ?? null,
    adapter: description,
    driver: { vendor, architecture, device },
    cores: navigator.hardwareConcurrency,
    deno: Deno.version.deno,
    patches,
    ceilingGflops: ceilings.gflops,
    ceilingGbPerSecond: ceilings.gbPerSecond,
    coldStartSeconds: startUp.cold.firstStepMs / 1000,
    warmStartSeconds: startUp.warm.firstStepMs / 1000,
    pipelines: startUp.cold.pipelines.length,
    wgslBytes: startUp.cold.wgslBytes,
    forwardPatchesPerSecond: rate(forwardMs),
    forwardGflops: rate(forwardMs) * forwardMflop / 1000,
    forwardBackwardPatchesPerSecond: rate(bothMs),
    forwardBackwardGflops: rate(bothMs) * 3 * forwardMflop / 1000,
    stepPatchesPerSecond: classes * views / wholeStepMs * 1000,
    peakMib: gpu.peakBytes / 2 ** 20,
  };
  const profile = kernels
    ? await profileStep(gpu, texts, initial, classes, ceilings)
    : undefined;
  const peers = withPeers ? await measurePeers(patches) : [];
  const history = new URL("../../.cache/bench/history.jsonl", import.meta.url);
  await Deno.mkdir(new URL(".", history), { recursive: true });
  await Deno.writeTextFile(
    history,
    `${JSON.stringify({ ...figures, peers, kernels: profile?.kernels })}\n`,
    {
      append: true,
    },
  );
  if (json) {
    print(
      JSON.stringify({ ...figures, peers, profile, startUp }, undefined, 2),
    );
  } else {
    const share = (gflops: number) =>
      `${gflops.toFixed(1)} GFLOP/s, ${
        (100 * gflops / ceilings.gflops).toFixed(0)
      } % of the ceiling`;
    print(
      `${figures.adapter}, ${figures.cores} cores, batch ${patches}
    ceilings            ${ceilings.gflops.toFixed(1)} GFLOP/s, ${
        ceilings.gbPerSecond.toFixed(1)
      } GB/s
  ${startUpText(startUp)}
    forward             ${
        figures.forwardPatchesPerSecond.toFixed(0)
      } patches/s (${share(figures.forwardGflops)})
    forward + backward  ${
        figures.forwardBackwardPatchesPerSecond.toFixed(0)
      } patches/s (${share(figures.forwardBackwardGflops)})
    whole stage-1 step  ${figures.stepPatchesPerSecond.toFixed(0)} patches/s
    peak GPU memory     ${figures.peakMib.toFixed(0)} MiB`,
    );
    for (const { name, figures: other, absent } of peers) {
      const ratio = (ours: number, theirs: number) =>
        `${theirs.toFixed(0)} (ours ${(ours / theirs).toFixed(2)}×)`;
      print(
        other === undefined
          ? `  ${name}: ${absent}`
          : `  ${name}: forward ${
            ratio(
              figures.forwardPatchesPerSecond,
              other.forwardPatchesPerSecond,
            )
          }, forward + backward ${
            ratio(
              figures.forwardBackwardPatchesPerSecond,
              other.forwardBackwardPatchesPerSecond,
            )
          } patches/s`,
      );
    }
    if (profile !== undefined) print(`\n${profileTable(profile)}`);
  }
}
